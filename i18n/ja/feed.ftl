# アドレスまたはファイルからの取得

feed-address = { $reason ->
        [empty] アドレスもファイルも指定されていません
        [scheme] `{ $host }` のアドレスが `https://` で始まっていません
        [user] `{ $host }` のアドレスにユーザー名またはパスワードが含まれています
        [fragment] `{ $host }` のアドレスに `#` 以降の部分があります
       *[unreadable] アドレスを読み取れません
    }
    .hint = `https://ホスト名/パス`、またはこの端末のファイルのパスを指定してください。

feed-file = ファイル `{ $path }` を読み取れません: { $reason }
    .hint = パスと、このプログラムに読み取り権限があることを確認してください。

feed-ca = CA 証明書 `{ $path }` を使用できません: { $reason }
    .hint = CA 証明書 (PEM 形式) のファイルを指定してください。サーバー証明書の検証は省略できません。

feed-system-roots = このシステムに CA 証明書がありません: { $reason }
    .hint = `ca-certificates` パッケージをインストールするか、CA 証明書を指定してください。

feed-unreachable = `{ $host }` に接続できません: { $reason }
    .hint = 回線、名前解決、ファイアウォールを確認してから、再試行してください。

feed-timeout = `{ $host }` から { $secs } 秒以内に応答がありません
    .hint = 回線を確認して再試行するか、内容をファイルに保存してそのファイルを指定してください。

feed-tls = { $reason ->
        [expired] `{ $host }` のサーバー証明書は有効期限が切れています
        [not-yet-valid] `{ $host }` のサーバー証明書はまだ有効期間に入っていません
        [other-name] サーバー証明書の名前が `{ $host }` と一致しません
        [unknown-issuer] `{ $host }` のサーバー証明書は、信頼された発行者のものではありません
        [old-protocol] `{ $host }` は古い TLS バージョンまたは暗号方式しか提供していません
       *[other] `{ $host }` との TLS 接続に失敗しました
    }
    .hint = この端末の時刻と、途中にプロキシがないことを確認してください。独自の認証局を使う場合は CA 証明書を指定してください。

feed-redirect = { $reason ->
        [too-many] `{ $host }` の転送が終わりません
        [insecure] `{ $host }` が暗号化されていないアドレスへ転送しようとしました
        [user] `{ $host }` がユーザー名またはパスワード付きのアドレスへ転送しようとしました
       *[unreadable] `{ $host }` が読み取れないアドレスへ転送しようとしました
    }
    .hint = ブラウザーで開き、最後に表示されたアドレスを指定してください。

feed-status = `{ $host }` が HTTP ステータス { $status } を返しました
    .hint = アドレスが有効で公開されていることを確認してください。カレンダーの非公開アドレスはリセットすると変わります。

feed-html = `{ $place }` は Web ページで、目的のテキストではありません
    .hint = ブラウザーで確認してください。ログイン画面の可能性があります。`.ics` で終わるファイルのアドレスなどを指定してください。

feed-encoding = `{ $place }` の文字コードが UTF-8 ではありません ({ $encoding ->
        [binary] バイナリーデータ
       *[other] { $encoding }
    })
    .hint = UTF-8 で公開してもらうか、変換したファイルを指定してください。

feed-too-large = `{ $place }` が { $limit } バイトを超えています
    .hint = アドレスまたはファイルが正しいか確認し、必要なものだけを含むものを指定してください。
