# Maintenance file, cron expressions, and the rules of an import's window.
# What any file can have wrong is said as for a playbook.

calendar-syntax = { playbook-syntax }
    .label = { playbook-syntax.label }
    .hint = { playbook-syntax.hint }

calendar-too-large = { playbook-too-large }
    .hint = { playbook-too-large.hint }

calendar-too-deep = { playbook-too-deep }
    .label = { playbook-too-deep.label }
    .hint = { playbook-too-deep.hint }

calendar-alias = { playbook-alias }
    .label = { playbook-alias.label }
    .hint = { playbook-alias.hint }

calendar-tag = { playbook-tag }
    .label = { playbook-tag.label }
    .hint = { playbook-tag.hint }

calendar-documents = { playbook-documents }
    .label = { playbook-documents.label }
    .hint = { playbook-documents.hint }

calendar-empty = { playbook-empty }
    .hint = { playbook-empty.hint }

calendar-duplicate-key = { playbook-duplicate-key }
    .label = { playbook-duplicate-key.label }
    .hint = { playbook-duplicate-key.hint }

calendar-unknown-key = { playbook-unknown-key }
    .label = { playbook-unknown-key.label }
    .hint = { playbook-unknown-key.hint }

calendar-missing-key = { playbook-missing-key }
    .label = { playbook-missing-key.label }
    .hint = { playbook-missing-key.hint }

calendar-wrong-type = { playbook-wrong-type }
    .label = { playbook-wrong-type.label }
    .hint = { playbook-wrong-type.hint }

calendar-unknown-value = { playbook-unknown-value }
    .label = { playbook-unknown-value.label }
    .hint = { playbook-unknown-value.hint }

calendar-bad-text = { playbook-bad-text }
    .label = { playbook-bad-text.label }
    .hint = { playbook-bad-text.hint }

calendar-time-without-offset = { playbook-time-without-offset }
    .label = { playbook-time-without-offset.label }
    .hint = { playbook-time-without-offset.hint }

calendar-bad-time = { playbook-bad-time }
    .label = { playbook-bad-time.label }
    .hint = { playbook-bad-time.hint }

calendar-bad-duration = { playbook-bad-duration }
    .label = { playbook-bad-duration.label }
    .hint = { playbook-bad-duration.hint }

calendar-format = { playbook-format }
    .label = { playbook-format.label }
    .hint = { playbook-format.hint }

calendar-secret-in-clear = { playbook-secret-in-clear }
    .label = { playbook-secret-in-clear.label }
    .hint = { playbook-secret-in-clear.hint }

calendar-too-many-windows = 予定が { $limit } 件を超えています
    .label = ここで上限を超えました
    .hint = 終わった古い予定を取り除いてください。

calendar-window-backwards = 終了 ({ $to }) が開始 ({ $from }) より後になっていません
    .label = { $from } より後の日時が必要です
    .hint = 両方の日付・時刻・時差を確認してください。

calendar-cron-fields = `{ $expression }` は cron の書式ではありません
    .hint = 5つの項目 (分 時 日 月 曜日)、先頭に秒を加えた6つの項目、または `@daily`・`@hourly`・`@weekly`・`@monthly`・`@yearly` で書いてください。

calendar-cron-part = `{ $part }` は{ $field ->
        [second] 秒 (0-59)
        [minute] 分 (0-59)
        [hour] 時 (0-23)
        [day] 日 (1-31)
        [month] 月 (1-12、jan-dec)
       *[other] 曜日 (0-7、sun-sat)
    }として使えません
    .hint = 数字、名前、`1-5` のような範囲、`1,3` のような列挙、`*/15` や `0-30/10` のような間隔が使えます。

# インポートの時間帯の規則: 規則、続いて判定ごとの文

calendar-window-order = 時間帯の終わりが始まりより後であること
    .ok = { $start } から { $end } まで
    .block = 開始 { $start } に対して終了 { $end } が後になっていません
    .hint = 医院ファイルの `window_end` を直してください。

calendar-start-past = 開始日時が過去でないこと
    .ok = 開始日時 { $start } はこれからです
    .block = 開始日時 { $start } を過ぎています (現在 { $now })
    .hint = 医院ファイルに新しい日時を設定し、計画の承認を取り直してください。

calendar-not-before-19 = 本番インポートの開始が19時以降であること
    .ok = { $start } は19時以降です
    .block = { $start } は19時より前です
    .hint = 日本時間の19:00以降に開始してください。日付が変わってから5:00までは同じ夜とみなします。

calendar-test-import-too-late = テストインポートが7日 (7×24時間) 以上前に照合済みであること
    .ok = テストインポートは { $proved } に照合済みです
    .block = { $proved ->
        [none] 照合済みのテストインポートがありません
       *[other] テストインポートの照合は { $proved } で、{ $start } まで7×24時間ありません
    }
    .hint = テストインポートと照合を行うか、本番インポートを後の日に移してください。

calendar-maintenance-overlap = クラウドのメンテナンスと重ならず、接してもいないこと
    .ok = { $start } から { $end } までにメンテナンスの予定はありません
    .block = { $from } から { $to } までメンテナンスが予定されています ({ $title })
    .hint = メンテナンスに接することもない時間帯にインポートを移してください。

calendar-stale = メンテナンスのお知らせを最近確認していること
    .ok = お知らせの最終確認は { $read_at } です
    .warn = お知らせの最終確認は { $read_at } ({ $hours } 時間前) です。上限は { $limit } 時間です
    .hint = お知らせを確認し直し、メンテナンス予定ファイルの `read_at`・`read_by`・予定を更新してください。

calendar-billing-days = 本番インポートがレセプト請求期間でないこと
    .ok = { $start } は { $until } 日より後です
    .warn = { $start } はレセプト請求期間 (1日から { $until } 日まで) です
    .hint = 請求作業が残っていないか医療機関に確認するか、後の日を選んでください。

calendar-month-end = 本番インポートが月末でないこと
    .ok = { $start } は月末ではありません
    .warn = { $start } に始まる時間帯は月末にかかります
    .hint = 月締めの作業に影響しないか医療機関に確認するか、別の日を選んでください。
