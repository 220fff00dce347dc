# rehearsal
# site
rehearsal-site-file = リハーサル用のファイル `{ $path }` を使用できません ({ $kind })
    .hint = リハーサル用フォルダの有無、所有者、空き容量を確認してください。
rehearsal-site-certificate = リハーサル用の証明書 `{ $what }` を作成または使用できません ({ $why })
    .hint = リハーサル用フォルダを削除してから、リハーサルをやり直してください。
rehearsal-site-openssl = `openssl` でリハーサル用の PKCS#12 ファイルを作成できませんでした ({ $why })
    .hint = 旧形式のクライアント証明書の作成に必要です。`openssl` 3 (legacy プロバイダーを含む) をインストールしてください。
rehearsal-site-no-randomness = OS から乱数を取得できませんでした
    .hint = リハーサルをやり直してください。解消しない場合はマシンを再起動してください。
rehearsal-site-listen = リハーサル用ホスト `{ $host }` を 127.0.0.1 で待ち受けできません ({ $kind })
    .hint = ループバックアドレスでの待ち受けが、ファイアウォールやコンテナの設定で禁止されていないか確認してください。
rehearsal-site-state = リハーサルの状態ファイル `{ $path }` が壊れています ({ $why })
    .hint = リハーサル用フォルダを削除してから、リハーサルを最初からやり直してください。
rehearsal-site-no-program = `{ $program }` を起動できません ({ $kind })
    .hint = リハーサル用サイトには PostgreSQL サーバーのプログラムが必要です。パッケージをインストールしてください。
rehearsal-site-slow = リハーサル用クラウドDBの `{ $program }` が { $secs } 秒以内に終わらないため停止しました
    .hint = マシンの負荷を確認してから、リハーサルをやり直してください。
rehearsal-site-program = リハーサル用クラウドDBの `{ $program }` が失敗しました
    .hint = 上に表示された出力を確認してください。リハーサル用のDBクラスタが停止している可能性があります。
