# rehearsal

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
