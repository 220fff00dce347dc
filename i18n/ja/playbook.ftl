# Playbook and clinic file. Every finding: message, `.label` (what was expected), `.hint`.

playbook-syntax = YAML として読めません ({ $reason })
    .label = ここで読み取りが止まりました
    .hint = { $shape ->
        [reference] `{"{"}...{"}"}` や `[...]` の中では、`$` で始まる参照を二重引用符で囲んでください。
       *[other] この行と直前の行の字下げ・コロン・引用符を確認してください。
    }

playbook-too-large = ファイルが { $limit } バイトを超えています
    .hint = ファイル名の指定が正しいか確認してください。

playbook-too-deep = 入れ子が { $limit } 段を超えています
    .label = ここから深すぎます
    .hint = 字下げを確認してください。これほど深い入れ子は必要ありません。

playbook-alias = アンカー (`&`) とエイリアス (`*`) は使えません
    .label = 値そのものを書く場所です
    .hint = 必要な場所に値をそのまま書くか、変数を使ってください。

playbook-tag = タグ (`!...`) は使えません
    .label = タグなしの値を書く場所です
    .hint = タグを取り除いてください。

playbook-documents = 1つのファイルに複数の YAML 文書があります
    .label = 2つ目の文書がここから始まります
    .hint = 文書ごとに別のファイルに分けてください。

playbook-empty = ファイルが空です
    .hint = 見本をコピーして書き始めてください。

playbook-duplicate-key = `{ $key }` が重複しています
    .label = { $line } 行目にすでにあります
    .hint = どちらか一方を残してください。

playbook-unknown-key = 不明なキー `{ $key }` です
    .label = ここでは使えないキーです
    .hint = { $guess ->
        [none] ここで使えるキー: { $known }
       *[other] `{ $guess }` の間違いではありませんか。
    }

playbook-missing-key = `{ $key }` がありません
    .label = ここに `{ $key }` が必要です
    .hint = `{ $key }` とその値を追加してください。

playbook-wrong-type = 値の種類が違います
    .label = { $expected ->
        [mapping] キーと値の組が必要です
        [list] リストが必要です
        [filled-list] 1件以上のリストが必要です
        [filled-text] 空白でない文字列が必要です
        [number] { $least } から { $most } までの整数が必要です
        [number-or-auto] `auto` または { $least } から { $most } までの整数が必要です
        [fraction] { $least } から { $most } までの数値が必要です
        [flag] `true` か `false` が必要です
        [key] キーには文字列が必要です
       *[other] 文字列が必要です
    }
    .hint = { $expected ->
        [number] 引用符なしの数字で書いてください。
        [number-or-auto] `auto` か、引用符なしの数字で書いてください。
        [fraction] 引用符なしの数値で書いてください。
        [flag] 引用符なしで `true` か `false` と書いてください。
       *[other] 見本ファイルの書き方を参照してください。
    }

playbook-unknown-value = 不明な値 `{ $value }` です
    .label = { $known } のいずれかが必要です
    .hint = { $guess ->
        [none] { $known } から選んでください。
       *[other] `{ $guess }` の間違いではありませんか。
    }

playbook-bad-text = 文字列に制御文字があるか、{ $limit } 文字を超えています
    .label = 1行の短い文字列が必要です
    .hint = 改行・タブなどの制御文字を取り除いてください。

playbook-time-without-offset = 日時 `{ $value }` に時差がありません
    .label = 2027-01-21T19:00:00+09:00 の形が必要です
    .hint = 秒と、日本時間なら `+09:00` を付けてください。時差のない日時は、機械によって別の時刻になります。

playbook-bad-time = `{ $value }` は日時ではありません
    .label = 2027-01-21T19:00:00+09:00 の形が必要です
    .hint = 日付・`T`・時刻・時差の順に書いてください。

playbook-bad-duration = `{ $value }` は時間の長さではありません
    .label = 数字と `s`・`m`・`h`・`d` (1s から 60d まで)
    .hint = `90s`、`5m`、`4h`、`60d` のように書いてください。

playbook-format = ファイル形式のバージョンが不明です
    .label = { $known } が必要です
    .hint = `format: { $known }` と書くか、このファイルに対応したバージョンのプログラムを使ってください。

playbook-secret-in-clear = 秘密情報がそのまま書かれています (`{ $key }`)
    .label = ここに書けるのは秘密情報の置き場所だけです
    .hint = モード 0600 のファイルに移し、`{ $key }: {"{"}file: パス{"}"}` と書いてください。いったん読める状態になったので、パスワード自体も変更してください。

playbook-clinic-id = `{ $value }` は医療機関IDではありません
    .label = `JPN` と数字12桁が必要です
    .hint = 管理サイト、または日レセのシステム管理 (1001) で確認してください。

playbook-orcamo-id = `{ $value }` は ORCAMO ID ではありません
    .label = 先頭の0を含む数字9桁が必要です
    .hint = 管理サイトのテナント詳細から書き写してください。

playbook-bad-pg-version = `{ $value }` は PostgreSQL のバージョンではありません
    .label = `9.6`、`9.6.24`、`15` のようなバージョンが必要です
    .hint = クラウド側でインポートを行う PostgreSQL のバージョンをサポートに確認してください。分からない場合は `server` を書かないでください。

playbook-bad-upload-rate = `{ $value }` は回線の速度ではありません
    .label = `20Mbit/s` のように、数値と `kbit/s`・`Mbit/s`・`Gbit/s` が必要です
    .hint = 送信（上り）の速度を書いてください。分からない場合は、テストインポートで実測されるまで `upload_rate` を書かないでください。

playbook-bad-name = `{ $value }` は名前として使えません
    .label = 英字か `_` で始まり、英数字と `_` `-` `.` `$` だけが使えます
    .hint = OS またはデータベースでの名前をそのまま書いてください。

playbook-bad-host = `{ $value }` はホスト名または IP アドレスではありません
    .label = ホスト名または IP アドレスが必要です
    .hint = `https://` やポート番号を付けず、名前だけを書いてください。

playbook-bad-address = `{ $value }` は管理サイトのアドレスではありません
    .label = `https://` とホスト名だけが必要です
    .hint = パス・ユーザー名・クエリは書かないでください。`http://` は使えません。

playbook-bad-mail-address = `{ $value }` はメールアドレスではありません
    .label = `name@example.jp` の形が必要です
    .hint = 1項目に1つだけ書いてください。複数ある場合はリストの項目を増やします。

playbook-mail-login = `user` と `password` は両方必要です
    .label = もう一方がありません
    .hint = 両方書くか、認証のないメールサーバーなら両方とも省いてください。

playbook-secret-place = 秘密情報の置き場所は1つだけ指定します
    .label = `file`・`env`・`credential` のうち1つだけが必要です
    .hint = 3つのうち1つだけを残してください。

playbook-window-backwards = `{ $after }` ({ $after_at }) が `{ $before }` ({ $before_at }) より後になっていません
    .label = { $before_at } より後の日時が必要です
    .hint = 両方の日付・時刻・時差を確認してください。

playbook-bad-id = `{ $value }` は ID として使えません
    .label = 英小文字で始まり、英小文字・数字・`-`・`_` で40文字以内
    .hint = ID は表やファイル名に使われます。読みやすい名前は `title` に書いてください。

playbook-duplicate-id = ID `{ $id }` が重複しています
    .label = { $what ->
        [phase] { $number } 番目のフェーズと同じです
       *[other] { $number } 行目のステップと同じです
    }
    .hint = それぞれ別の ID にしてください。

playbook-too-many-steps = ステップが { $limit } 件を超えています
    .label = ここで上限を超えました
    .hint = 手順書を分割してください。

playbook-retry-waits = 最初の待ち時間が最長の待ち時間を超えています
    .label = `longest_wait` 以下が必要です
    .hint = `longest_wait` を長くするか、`first_wait` を短くしてください。

playbook-need-unknown = ID が `{ $id }` のステップはありません
    .label = ステップの ID が必要です
    .hint = { $guess ->
        [none] 同じフェーズか前のフェーズのステップを指定してください。
       *[other] `{ $guess }` の間違いではありませんか。
    }

playbook-need-later-phase = `{ $id }` は後のフェーズのステップです
    .label = 同じフェーズか前のフェーズのステップが必要です
    .hint = どちらかのステップを移してください。フェーズは前のフェーズが終わってから始まります。

playbook-need-cycle = ステップが互いを待ち合っています ({ $steps })
    .label = どのステップも始められません
    .hint = いずれかの `needs` を取り除いてください。

playbook-open-reference = `$` の参照が閉じられていません
    .label = 閉じ波括弧がありません
    .hint = 閉じるか、参照でない場合は `$$` と書いてください。

playbook-unknown-reference = `{ $name }` に当たる値がありません
    .label = `vars.名前`、`clinic.パス`、`steps.ID.archive` のいずれかが必要です
    .hint = { $guess ->
        [none] `vars` に定義するか、医院ファイルの値を参照してください。秘密情報は参照できません。
       *[other] `{ $guess }` の間違いではありませんか。
    }

playbook-forward-reference = `{ $name }` は、まだ終わっているとは限らないステップを参照しています
    .label = このステップより前に終わるステップが必要です
    .hint = `needs` に `{ $id }` を加えてください。

playbook-reference-loop = 参照が循環しているか、深すぎます (`{ $name }`)
    .label = 値にたどり着く参照が必要です
    .hint = 変数には値そのものを書いてください。

playbook-when = `when` を解釈できません
    .label = { $wrong ->
        [operand] 値がありません
        [operator] `and`・`or`・`==`・`!=` がありません
        [parenthesis] 閉じ括弧がありません
        [reference] 参照が閉じられていません
        [quote] 引用符が閉じられていません
        [word] 文字列は引用符で囲んでください
        [types] 数値・文字列・真偽値は互いに比較できません
        [deep] 括弧が深すぎます
       *[other] 真偽値になりません
    }
    .hint = 使えるもの: `==`、`!=`、`and`、`or`、`not`、括弧、引用符で囲んだ文字列、数値、`true`、`false`、参照

playbook-archive-name = `{ $value }` はアーカイブの名前として使えません
    .label = 英数字と `.` `_` `-` だけで、末尾は `.dump`
    .hint = フォルダーを付けずにファイル名だけを書いてください。アーカイブは作業フォルダーに置かれます。

playbook-archive-twice = `{ $archive }` は `{ $id }` がすでに書き込みます
    .label = 別の名前が必要です
    .hint = 別の名前にしてください。検査済みのものを上書きしてはいけません。

playbook-archive-unwritten = `{ $archive }` を書き込むステップが前にありません
    .label = このステップの開始時に存在するアーカイブが必要です
    .hint = { $guess ->
        [none] 書き込むステップを `needs` に加えるか、前のフェーズに置いてください。
       *[other] `{ $guess }` の間違いではありませんか。
    }

playbook-compare-same = `{ $archive }` を自分自身と比較しています
    .label = 戻ってきたアーカイブが必要です
    .hint = `expected` には送ったもの、`actual` には戻ってきたものを書いてください。

playbook-import-unverified = `{ $archive }` が検査されないままインポートされます
    .label = 前に、このアーカイブの `verify_archive` が必要です
    .hint = `verify_archive` のステップを加え、`needs` に指定してください。壊れたダンプは全件を読むまで分かりません。

playbook-import-without-export = 退避がないままクラウドが上書きされます
    .label = 前に (先のインポートより後に) `portal_export` が必要です
    .hint = `portal_export` のステップを加え、`needs` に指定してください。切り戻しの唯一の手段です。

playbook-import-without-window = インポートの時間帯が確認されません
    .label = 前に (最後の `wait` より後に) `purpose: { $purpose }` の `window_check` が必要です
    .hint = `window_check` のステップを加え、`needs` に指定してください。

playbook-import-not-alone = `{ $other }` がインポート `{ $id }` と並行して実行される可能性があります
    .label = インポートと並行するステップは置けません
    .hint = どちらかの `needs` にもう一方を指定するか、別のフェーズに移してください。

playbook-import-twice = `{ $purpose }` のインポートはすでにあります (`{ $id }`)
    .label = 目的ごとにインポートは1回だけです
    .hint = どちらかを取り除いてください。インポートのたびにテナント全体が上書きされます。

playbook-import-retried = インポートは自動では再実行されません
    .label = 1 だけが使えます
    .hint = `retry` を省いてください。成否が分からないときは人が判断します。

playbook-import-test-archive = `{ $archive }` はテスト用で、本番には古すぎます
    .label = 本番用に取得したダンプが必要です
    .hint = 本番インポートには専用のダンプを取得してください。

playbook-import-unproved = インポート結果が照合されません
    .label = 後に `portal_export` と、`expected: { $archive }` の `compare_archives` が必要です
    .hint = 両方のステップを加えてください。画面のメッセージだけでは、全件が届いた証拠になりません。

playbook-dump-unfenced = 最終ダンプ `{ $archive }` の取得中に書き込まれる可能性があります
    .label = 前に `mode: read-only` の `fence` が必要です
    .hint = `fence` のステップを加え、`needs` に指定してください。ダンプ中に書き込まれた内容は失われます。

playbook-import-stale = `{ $archive }` の取得後に書き込みがないことが確認されません
    .label = インポートの前に、そのダンプの `stale_check` が必要です
    .hint = インポートの前に `stale_check` のステップを加えてください。

playbook-closed-too-early = `{ $fence }` がデータベースを閉じた後では、`{ $id }` は接続できません
    .label = データベースを閉じる前に置く必要があります
    .hint = このステップを `{ $fence }` より前に移してください。

playbook-stale-check-dump = `{ $id }` は、このステップより前に終わる `dump` ではありません
    .label = 前にある `dump` ステップの ID が必要です
    .hint = { $guess ->
        [none] `dump` ステップの ID をここと `needs` に書いてください。
       *[other] `{ $guess }` の間違いではありませんか。
    }

playbook-database-name = `{ $value }` はデータベース名として使えません
    .label = 英小文字で始まる英小文字・数字・`_`、63文字以内
    .hint = `orca_utf8` のように、引用符の要らない名前にしてください。

playbook-database-unused = 変換しながらのダンプではデータベースを作りません
    .label = `strategy: database` のときだけ使えます
    .hint = `strategy: database` を加えるか、名前を省いてください。

playbook-database-same = `{ $value }` は医療機関自身のデータベースです
    .label = 別の名前が必要です
    .hint = UTF-8 データベースは元のデータベースとは別の名前で作ります。

playbook-database-beside = `{ $id }` と `{ $other }` が同時にデータベースを作ることになります
    .label = もう一方を待つ必要があります
    .hint = 一方の `needs` にもう一方を書いてください。空き容量は1つ分しか確認しません。

playbook-swap-without-database = `{ $id }` は、このステップより前に終わる、データベース経由の `dump` ではありません
    .label = `strategy: database` の `dump` ステップの ID が必要です
    .hint = { $guess ->
        [none] ダンプに `strategy: database` を指定し、その ID をここと `needs` に書いてください。
       *[other] `{ $guess }` ではありませんか？
    }

playbook-swap-open = 接続が残っている可能性があるままデータベースを入れ替えることになります
    .label = 前にサービスの停止と `mode: closed` の `fence` が必要です
    .hint = 入れ替えは `service_stop` と、全員の接続を禁止する `fence` より後に置いてください。

playbook-swap-stale = ダンプ `{ $dump }` の後に書き込みがなかったことを確認していません
    .label = 前にそのダンプの `stale_check` が必要です
    .hint = 入れ替えの前に `stale_check` を加えてください。ダンプ後の書き込みは新しいデータベースに入りません。

playbook-swap-after-import = 入れ替えが本番インポート `{ $id }` より前に終わりません
    .label = 本番インポートより前に置く必要があります
    .hint = 本番インポートの後は自動では元に戻しません。その前に入れ替えるか、入れ替えないでください。

playbook-swap-twice = `{ $id }` ですでにデータベースを入れ替えています
    .label = 入れ替えは1回だけです
    .hint = どちらかのステップを削除してください。

playbook-bad-cron = `{ $value }` は crontab の書式ではありません: { $reason }
    .label = crontab(5) の5項目、または秒を先頭に加えた6項目が必要です
    .hint = `30 2 * * *` のように分・時・日・月・曜日の順に書くか、`@daily` などを使ってください。

playbook-bad-zone = `{ $value }` というタイムゾーンはありません
    .label = `Asia/Tokyo` のような名前が必要です
    .hint = IANA のタイムゾーン名を書いてください。

playbook-schedule-twice = `{ $job }` の予定が2つあります
    .label = 2つ目の予定
    .hint = 作業の種類ごとに1つだけ書いてください。複数の時刻は `cron` にまとめて書けます。

playbook-schedule-time = `{ $job }` の時刻は `cutover` に書きます
    .label = ここには書けません
    .hint = `cron` と `before` を省いてください。`window` と `missed` は書けます。

playbook-bad-hours = `{ $value }` は診療時間として読めません
    .label = `09:00-18:30` のように書きます
    .hint = 同じ日の開始と終了を書いてください（開始が先）。休診日は書かないでください。

playbook-override-nobody = `{ $name }` は医院ファイルの people にいません
    .label = `people` にある氏名が必要です
    .hint = 規則を適用しないと決められるのは、役割とともに記載された人だけです。

playbook-no-calendar = メンテナンス予定の入手元がありません
    .label = `maintenance` か `feeds` が必要です
    .hint = 人が管理するファイル、またはこのプログラムが読むカレンダーを書いてください。

playbook-bad-feed = ファイルでも https のアドレスでもありません
    .label = ユーザー名・パスワード・フラグメントのない `https://host/path`、またはパス
    .hint = iCalendar ファイルの https アドレスを書いてください。

playbook-journal-place = 記録用 PostgreSQL は `host` と `socket_dir` のどちらか一方だけで指定します
    .hint = 複数の端末から TLS で使うサーバーは `host`、この端末のサーバーは `socket_dir` です。
playbook-journal-lease = `lease` はリハーサル専用で、1s 以上にします
    .hint = この行を削除してください。本番では、応答のないプロセスの実行を引き継げるまで 1 分待ちます。

playbook-age-recipient = age の公開鍵ではありません
    .label = `age1` で始まる公開鍵が必要です
    .hint = `age-keygen` が表示する公開鍵を書いてください。秘密鍵は、この端末とは別の安全な場所に保管します。

playbook-age-twice = 同じ公開鍵が2回書かれています
    .label = すでに上にあります
    .hint = 別の人の鍵のつもりではなかったか確かめてください。1本しかない鍵を失うと、暗号化したファイルは誰にも開けません。
