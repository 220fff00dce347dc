plan-of-test-import = テストインポート：{ $text }
plan-test-import-planned = テストインポートの予定 { $proved }、本番の開始 { $start }（照合済みかどうかは実行時に確認します）
plan-source-known = 院内サーバーを確認した
    .hint = 院内サーバー上で `--offline` を付けずに `plan` を実行し直してください。
plan-portal-known = 管理サイトを確認した
    .hint = 管理サイトに接続できる場所で `--offline` を付けずに `plan` を実行し直してください。
plan-fits-window = 切り戻し開始期限までにすべての手順が終わる
    .measured = 終了見込み { $ends }（余裕 { $minutes } 分）、期限 { $latest }
    .hint = 開始を早めるか、作業時間帯の終わりを遅らせてください。
plan-clinic-id = データベースの医療機関IDが医療機関ファイルと一致する
    .hint = データベースの医療機関IDが医療機関ファイルと一致しないか、読み取れませんでした。正しいサーバーか確認してください。
plan-disk-space = ダンプを置く空き容量がある
    .measured = 空き { $free }、必要 { $wanted }（データベース { $database } の { $factor } 倍）
    .hint = 作業フォルダーのあるファイルシステムの空きを増やすか、別の `work_dir` を指定してください。
plan-source-encoding = データベースの文字コードを変換できる
    .hint = 変換できるのは EUC_JP と UTF8 です。SQL_ASCII の場合は、先に列ごとの確認が必要です。
plan-pg-dump-version = pg_dump がデータベースサーバーと同じか、より新しいバージョンである
    .measured = pg_dump { $program }、サーバー { $server }
    .hint = データベースサーバーと同じバージョンのクライアントプログラムをインストールしてください。
plan-target-version = 管理サイト側でインポートを行う PostgreSQL のバージョンが分かっている
    .measured = { $from ->
        [clinic-file] { $target }（医院ファイルの記載）
        [form] { $target }（インポート画面で選ぶ項目）
        [not-seen] { $target }（医院ファイルの `import_version`。インポート画面は未確認）
        [disagree] 医院ファイルでは { $target } ですが、インポート画面で選ぶ項目は `{ $entry }` です
       *[nobody] 不明（インポート画面の項目 `{ $entry }` はバージョンではありません）
    }
    .hint = { $from ->
        [disagree] アーカイブは { $target } 用に作成します。どちらでインポートされるかをサポートに確認し、`portal.tenant.server` か `portal.import_version` を直してください。
        [not-seen] 管理サイトに接続できる場所で `plan` を実行し直してください。
       *[nobody] インポートを行う PostgreSQL のバージョンをサポートに確認し、医院ファイルの `portal.tenant.server` に書いてください。
    }
plan-archive-version = 移行先がアーカイブを読み込める
    .measured = { $case ->
        [kept] pg_dump { $program } の出力は { $writes }。移行先の { $target } はそのまま読み込めます（{ $reads } まで対応）
        [rewritten] pg_dump { $program } の出力は { $writes }。移行先の { $target } が読み込める { $written } に書き換えます
        [target-unknown] pg_dump { $program } の出力は { $writes }、送信するのは { $written }（PostgreSQL { $readers } 以降で読み込み可）。移行先のバージョンは不明です
        [as-it-is] pg_dump { $program } の出力は { $writes } ですが、移行先の { $target } が読み込めるのは { $reads } まで。`strategy: database` ではそのまま送信します
        [too-old] 移行先の { $target } が読み込めるのは { $reads } まで。作成できる最も古い版は { $oldest } です
        [newer] pg_dump { $program } は、出力形式が分かっている { $newest } より新しいバージョンです
        [not-looked] 院内サーバーは未確認です。送信するのは { $written } 以前です
       *[source-unknown] pg_dump { $program } の出力形式は不明です。送信するのは { $written } 以前です
    }
    .hint = { $case ->
        [as-it-is] 移行先用に書き換えて送る `strategy: stream` を使うか、移行先が読み込める版の pg_dump を使ってください。
        [too-old] 書き出せるのは PostgreSQL 9.0 以降向けだけです。`portal.tenant.server` を確認し、正しければ移行先の更新をサポートに相談してください。
        [newer] このプログラムの新しい版を使うか、データベースサーバーと同じバージョンの pg_dump を使ってください。
        [target-unknown] インポートを行う PostgreSQL のバージョンをサポートに確認し、医院ファイルの `portal.tenant.server` に書いてください。テストインポートでも確認できます。
       *[source-unknown] 院内サーバー上で `plan` を実行し直してください。実際の形式は、ダンプ時にアーカイブのヘッダーで確認します。
    }
plan-pg-restore-mended = ここで使う pg_restore が、細工されたアーカイブに対して修正済みである
    .measured = pg_restore { $program }
    .hint = 18.7、17.12、16.16、15.20、14.25 以降に更新してください。更新するまでは、クラウドからの書き出しなど、ほかから受け取ったアーカイブをこの pg_restore に読み込ませないでください（`archive inspect` なら pg_restore を使わずに確認できます）。
plan-target-not-older = 移行先が院内サーバーより古くない
    .measured = 院内サーバー { $server }、移行先 { $target }
    .hint = 古い移行先で使えない定義は、内容が変わらない場合は書き換え、書き換えられない場合はその名前を示してテスト用ダンプで止まります。テストインポートの結果をよく確認してください。
plan-level = ダンプとアップロードの合計が最も早く終わる圧縮レベル
    .measured = { $from ->
        [measured] 実測した送信速度 { $rate }/秒からレベル { $level }：合計 { $length } { $unit ->
            [s] 秒
           *[min] 分
        }（レベル { $usual } なら { $usual_length }）
        [stated] 医院ファイルの送信速度 { $rate }/秒からレベル { $level }：合計 { $length } { $unit ->
            [s] 秒
           *[min] 分
        }（レベル { $usual } なら { $usual_length }）
       *[unknown] 送信速度が分からないためレベル { $level }（テストインポートで実測し、最終ダンプで使います）
    }
plan-pages-understood = 管理サイトの画面が想定どおりである
    .hint = 管理サイトの画面が変わっています。操作はしていません。ポータルプロファイル（`portal.profile`）の名称を直すか、新しい版を入手してください。
plan-certificate-imports = クライアント証明書でインポートできる
    .measured = 証明書 { $certificate }
    .hint = ベンダー用の証明書ではインポートできません。医療機関用の client*.p12 を使ってください。
plan-certificate-ends = クライアント証明書の有効期限が、作業時間帯の終わりから30日以上先である
    .measured = 有効期限 { $ends }
    .hint = 移行前に新しい証明書を取得してください。
plan-free-slots = テナントにダンプ { $wanted } 件分の空きがある
    .measured = 空き { $free } 件、削除予定 { $freed } 件、必要 { $wanted } 件
    .hint = ダウンロード済みの古いダンプを管理サイトで削除してください。
plan-import-version = 設定したバージョンがインポート画面の選択肢にある
    .measured = 設定 { $wanted }、選択肢 { $offered }
    .hint = `portal.import_version` には、画面の選択肢のうちアーカイブを読み込めるバージョンを指定してください。
plan-clock-skew = この端末と管理サイトの時計が合っている
    .measured = ずれ { $skew }秒
    .hint = この端末で時刻同期（chrony や systemd-timesyncd）を設定してください。
plan-database-name = UTF-8 データベースの名前 `{ $database }` が使われていない
    .hint = 同じ名前のデータベースがすでにあります（変更はしません）。プレイブックで別の名前を指定するか、不要であれば削除してください。
plan-database-room = サーバーのデータ領域に2つ目のデータベースを置く空きがある
    .measured = 空き { $free }、必要 { $wanted }
    .hint = サーバーのデータ領域に空きを作ってください。場所が分からなかった場合は `source.data_dir` に記入してください。`strategy: stream` ならサーバー側の空きは要りません。
plan-characters-scanned = データベースの全文字を確認済みで、判断の必要な文字がないこと
    .measured = { $case ->
        [never] 一度も確認していません
        [other-rules] { $at } に確認しましたが、現在と異なる規則によるものです
        [undecided] { $values } 行中、判断が必要な文字が { $undecided } 件あります（{ $at } 確認）
       *[clean] { $values } 行、判断の必要な文字なし（{ $at } 確認。元に戻せない置換は { $lossy } か所）
    }
    .hint = `orca-cutover scan --clinic 医院ファイル` を実行し、一覧の文字を対応表で決めてから、もう一度確認してください。
plan-mail-proved = メールが届くこと
    .measured = { $case ->
        [unreached] { $host } に接続できないか、TLS またはログインが拒否されました
        [taken] { $host } は応答し、この医療機関の前回のメールを受け付けました（{ $at }）
       *[reached] { $host } は応答し、ログインできます。テストメールは実行の最初のステップで送ります
    }
    .hint = { $case ->
        [unreached] 医院ファイルの `mail`、証明書、パスワードを確認してください。
       *[other] テストメールは実行時の事前確認、または毎晩の `preflight` で送ります。受け付けられなければ先に進みません。
    }
plan-tenant-not-live = インポートで上書きされるテナントが、まだ診療に使われていないこと
    .measured = { $case ->
        [nothing] 医院ファイルの記載: 患者データなし
        [trial-data] 医院ファイルの記載: 上書きしてよい試用データ
        [live-data] 医院ファイルの記載: 診療に使用中
       *[unsaid] 医院ファイルに記載がありません
    }
    .hint = テナントの内容を確認し、医院ファイルの `portal.tenant.holds` に nothing、trial-data、live-data のいずれかを記載してください。使用中のテナントにはインポートできません。
plan-people-named = 担当者が電話番号とともに記載されていること
    .measured = { $missing ->
        [none] { $people } 名（電話番号なし { $without } 名）
       *[other] { $people } 名。{ $missing } がいません
    }
    .hint = 医院ファイルの `people` に、作業者・判断者・代理・医療機関の窓口を `phone` とともに記載してください。
plan-override = 適用しない規則の記載が正しいこと
    .measured = { $case ->
        [unused] `{ $rule }` という規則はこの計画にありません
       *[one-name] `{ $rule }` には2名の氏名が必要です
    }
    .hint = 医院ファイルの `overrides` を直してください。
plan-evidence-server = 院内サーバーを確認
plan-evidence-site = 管理サイトを確認
plan-evidence-mail-server = メールサーバーに照会
plan-evidence-calendar = お知らせを確認
plan-evidence-clinic-file = 医院ファイル
plan-evidence-journal = 実行記録
plan-evidence-scan = 文字の確認
plan-evidence-reckoned = 計算
plan-part-playbook = 手順書
plan-part-clinic = 医院ファイル
plan-part-calendar = インポート前後のメンテナンス
plan-part-mapping = 文字の対応表
plan-part-profile = 画面定義
plan-part-identity = データベースと証明書
plan-part-tool = プログラムのバージョン
plan-overridden = 適用しない: { $by } — { $reason }
plan-deletions = 削除するダンプが存在し、明示されていること
    .measured = { $missing ->
        [none] { $found }
       *[other] 見つからないか重複しています: { $missing }
    }
    .hint = { $step ->
        [no] 手順書に `portal_release` のステップがないため、何も削除されません。
       *[yes] 管理サイトに表示される作成日時を `portal.release_dumps` に書いてください。保存と全件検査の後に削除します。
    }
slots-open-late = 診療終了が遅く、同日の夜に開始できません
slots-opens-before = 次の診療開始 { $opens } までに、切り戻しを含む作業が1時間の余裕をもって終わりません（終了 { $end }）
slots-certificate = 証明書の期限は { $ends } です。{ $needed } まで有効である必要があります
slots-no-test-import = テストインポートが計画されていません
slots-test-import = テストインポートは { $tested } に照合済み。本番は { $first } 以降
slots-test-import-planned = テストインポートの照合は { $tested } の見込み。本番は { $first } 以降
slots-holiday = 祝日（{ $name }）
slots-holidays-unknown = 祝日かどうか不明です（一覧は { $year } 年まで）
slots-hours-unknown = 医院ファイルに診療時間（`hours`）がありません
