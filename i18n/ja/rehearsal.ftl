# rehearsal
# site
rehearsal-site-file = リハーサル用のファイル `{ $path }` を使用できません ({ $kind })
    .hint = リハーサル用フォルダーの有無、所有者、空き容量を確認してください。
rehearsal-site-certificate = リハーサル用の証明書 `{ $what }` を作成または使用できません ({ $why })
    .hint = リハーサル用フォルダーを削除してから、リハーサルをやり直してください。
rehearsal-site-openssl = `openssl` でリハーサル用の PKCS#12 ファイルを作成できませんでした ({ $why })
    .hint = 旧形式のクライアント証明書の作成に必要です。`openssl` 3 (legacy プロバイダーを含む) をインストールしてください。
rehearsal-site-no-randomness = OS から乱数を取得できませんでした
    .hint = リハーサルをやり直してください。解消しない場合はマシンを再起動してください。
rehearsal-site-listen = リハーサル用ホスト `{ $host }` を 127.0.0.1 で待ち受けできません ({ $kind })
    .hint = ループバックアドレスでの待ち受けが、ファイアウォールやコンテナの設定で禁止されていないか確認してください。
rehearsal-site-state = リハーサルの状態ファイル `{ $path }` が壊れています ({ $why })
    .hint = リハーサル用フォルダーを削除してから、リハーサルを最初からやり直してください。
rehearsal-site-no-program = `{ $program }` を起動できません ({ $kind })
    .hint = リハーサル用サイトには PostgreSQL サーバーのプログラムが必要です。パッケージをインストールしてください。
rehearsal-site-slow = リハーサル用クラウドDBの `{ $program }` が { $secs } 秒以内に終わらないため停止しました
    .hint = マシンの負荷を確認してから、リハーサルをやり直してください。
rehearsal-site-program = リハーサル用クラウドDBの `{ $program }` が失敗しました
    .hint = 上に表示された出力を確認してください。リハーサル用のDBクラスタが停止している可能性があります。

rehearsal-cluster-server-missing = `{ $root }` に PostgreSQL サーバーがインストールされていません
    .hint = パッケージ `postgresql` をインストールしてください。リハーサルは専用のクラスターを作成し、既存のクラスターには触れません。
rehearsal-cluster-path-too-long = サーバーのソケットのパス `{ $path }` が { $length } バイトあります（上限 { $limit } バイト）
    .hint = リハーサル用に、`/var/tmp/oc` のような短いパスのフォルダーを指定してください。
rehearsal-cluster-folder-closed = フォルダー `{ $path }` に入れないユーザーがいます
    .hint = リハーサルのサーバーは別のユーザーで動きます。ホームフォルダー以外を指定するか、`chmod o+x` で通過できるようにしてください。
rehearsal-cluster-sudo-lacking = `sudo` でパスワードなしに `{ $user }` になれません
    .hint = root で実行するか、sudoers に実行ユーザーの `NOPASSWD` の行を追加してください。
rehearsal-cluster-start-failed = リハーサル用の PostgreSQL サーバーが起動しませんでした
    .hint = 下記のログの末尾を確認してください。多くはディスクの空き不足が原因です。
rehearsal-clinic-id = 模擬医療機関の医療機関 ID が `JPN` と数字 12 桁の形式ではありません
    .hint = `JPN000000000452` のように指定してください。
rehearsal-clinic-no-patients = 模擬医療機関の患者数が 0 です
    .hint = 1 以上を指定してください。2000 で小規模な医療機関に相当します。
rehearsal-clinic-words-lost = サーバーで見本データの文字を変換できませんでした
    .hint = リハーサル用データベースの文字コードは EUC_JP である必要があります。クラスターを作り直してください。
rehearsal-clinic-schema = 模擬医療機関のスキーマの { $line } 行目を解釈できません
    .hint = プログラムの不具合です。お手数ですがご報告ください。
rehearsal-clinic-script = サービスのスクリプト `{ $path }` を書き込めません：{ $reason }
    .hint = リハーサル用フォルダーへの書き込み権限を確認してください。

# world
rehearsal-world-file = `{ $path }` を作成または書き込みできません: { $reason }
    .hint = 自分が所有し、すべてのユーザーが通れるフォルダーを `--dir` で指定してください。
rehearsal-world-small-disk = 障害 `disk-full` 用の小さなファイルシステムをマウントできません: { $reason }
    .hint = root で実行するか、このユーザーに `sudo -n mount` を許可してください。
rehearsal-world-not-empty = フォルダー `{ $path }` は空ではありません
    .hint = `--dir` で新しいフォルダーを指定してください。上書きはしません。
rehearsal-world-shipped = 同梱ファイル `{ $name }` を使用できません
    .hint = プログラムの不具合です。ご連絡ください。
