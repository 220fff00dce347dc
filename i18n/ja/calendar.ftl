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
    .ok = { $source } の最終確認は { $read_at } です
    .block = { $read_at ->
        [never] { $source } を一度も確認していません
       *[other] { $source } の最終確認は { $read_at } ({ $hours } 時間前) です。上限は { $limit } 時間です
    }
    .hint = お知らせを確認し直してください。プログラムが読むカレンダーは `calendar read`、新しいお知らせは `calendar import`、新しい予定が無ければ `calendar check --read-by 氏名` です。

calendar-billing-days = 本番インポートがレセプト請求期間でないこと
    .ok = { $start } は { $until } 日より後です
    .warn = { $start } はレセプト請求期間 (1日から { $until } 日まで) です
    .hint = 請求作業が残っていないか医療機関に確認するか、後の日を選んでください。

calendar-month-end = 本番インポートが月末でないこと
    .ok = { $start } は月末ではありません
    .warn = { $start } に始まる時間帯は月末にかかります
    .hint = 月締めの作業に影響しないか医療機関に確認するか、別の日を選んでください。

# 貼り付けたお知らせ: 数えられなかったもの、読み方の注意

calendar-notice-weekday-contradiction = `{ $words }` の曜日が日付と合いません
    .hint = どちらが正しいか発信元に確認してください。この予定は数えていません。

calendar-notice-no-such-date = `{ $words }` という日付はありません
    .hint = 発信元に正しい日付を確認してください。この予定は数えていません。

calendar-notice-impossible-time = `{ $words }` の時刻はありえません
    .hint = 時刻は29:59まで読めます。発信元に確認してください。

calendar-notice-ambiguous-time = `{ $words }` の時刻は二通りに読めます
    .hint = 午前・午後12時、`翌25:00` などの書き方です。発信元に確認してください。

calendar-notice-end-before-start = `{ $words }` の終了が開始より後になっていません
    .hint = 翌日にかかるのであれば `翌` と日付を確かめて、予定を手で登録してください。

calendar-notice-year-contradiction = `{ $words }` の西暦と元号が合いません
    .hint = 発信元に正しい年を確認してください。

calendar-notice-next-day-contradiction = `{ $words }` の `翌` と日付が合いません
    .hint = 終了日を発信元に確認してください。

calendar-notice-end-missing = `{ $words }` の終了が書かれていません
    .hint = 終了を発信元に確認し、予定を手で登録してください。終わりを推測することはありません。

calendar-notice-start-missing = `{ $words }` の開始が書かれていません
    .hint = 開始を発信元に確認し、予定を手で登録してください。

calendar-notice-date-without-time = `{ $words }` の時刻が読み取れません
    .hint = この日のメンテナンスの時刻を確認し、予定を手で登録してください。

calendar-notice-time-without-date = `{ $words }` の日付が読み取れません
    .hint = この時刻がどの日のものか確認し、予定を手で登録してください。

calendar-notice-month-unknown = `{ $words }` の月が分かりません
    .hint = 何月のことか確認し、予定を手で登録してください。

calendar-notice-vague-date = `{ $words }` は日付として確定できません
    .hint = 日付が決まってから、もう一度お知らせを読み込んでください。

calendar-notice-relative-conflict = `{ $words }` がどの日を指すか確定できません
    .hint = お知らせの発信日と読んだ日 ({ $read_on }) が違います。日付を確認してください。

calendar-notice-foreign-zone = `{ $words }` は日本時間ではなく、換算できません
    .hint = 日本時間での予定を発信元に確認してください。UTCと時差の数字は換算できます。

calendar-notice-ambiguous-period = `{ $words }` は、ひと続きの停止か毎日の停止か決められません
    .hint = `各日` であるかを発信元に確認し、予定を手で登録してください。

calendar-notice-rule-unread = `{ $words }` の繰り返しを読み取れません
    .hint = 該当する日を確認し、予定を手で登録してください。

calendar-notice-unclear = `{ $words }` の意味を一つに決められません
    .hint = お知らせの原文を読み、予定を手で登録してください。

calendar-notice-too-long = お知らせが長すぎるため、途中までしか読んでいません
    .hint = メンテナンスに関わる部分だけを貼り付けてください。

calendar-notice-too-many = 予定または指摘が多すぎるため、一部を省きました (上限 { $limit } 件)
    .hint = お知らせを分けて読み込んでください。

calendar-notice-relative-date = `{ $words }` を { $date } と読みました
    .hint = お知らせを { $read_on } に読んだものとして数えています。

calendar-notice-year-by-weekday = `{ $words }` の年を、曜日が合う { $date } としました
    .hint = 年を確認してください。

calendar-notice-far-from-reading = `{ $words }` は読んだ日 ({ $read_on }) から1年以上離れています
    .hint = 年の書き間違いでないか確認してください。

calendar-notice-next-day-assumed = `{ $words }` の終了を翌日と読みました
    .hint = 終了が開始より早い時刻のためです。

calendar-notice-late-night = `{ $words }` の深夜を、その日の夜が明ける前 (翌日の未明) と読みました
    .hint = 日付が変わる前か後かを確認してください。

calendar-notice-half-day-inherited = `{ $words }` の終了も午後と読みました
    .hint = 終了に午前・午後の区別がないためです。

calendar-notice-approximate = `{ $words }` の時刻はおおよそか予定です
    .hint = 余裕をみて計画してください。

calendar-notice-end-from-length = `{ $words }` の終了は所要時間から計算しました
    .hint = 終了の時刻は書かれていません。

calendar-notice-every-day-assumed = `{ $words }` を、期間中の毎日の時間帯と読みました
    .hint = ひと続きの停止でないか確認してください。

calendar-notice-every-other = `{ $words }` はどの週かが書かれていません
    .hint = 安全のため毎週として扱います。

calendar-notice-rule-exception = 例外があります: `{ $words }`
    .hint = 例外の日も予定として数えたままにしています。

calendar-notice-zone-converted = `{ $words }` を日本時間に換算しました
    .hint = 時差を確認してください。

calendar-notice-may-change = 時刻が変わることがあります: `{ $words }`
    .hint = 当日もう一度お知らせを確認してください。

calendar-notice-done = 終わった作業として数えていません: `{ $words }`
    .hint = 完了の報告と読みました。

calendar-notice-cancelled-without-time = `{ $words }` の中止が書かれていますが、時刻がありません
    .hint = 以前に登録した予定があれば、手で取り除いてください。

calendar-notice-cancelled-and-planned = `{ $words }` は予定としても中止としても書かれています
    .hint = 中止として扱いました。原文を確認してください。

calendar-notice-not-a-window = メンテナンスの時間帯とみなさなかった時刻: `{ $words }`
    .hint = 受付時間、期限、過去の作業などと読みました。

calendar-notice-inside-window = `{ $words }` は、すでに読み取った時間帯に含まれます
    .hint = 別の予定としては数えていません。

calendar-notice-date-left-aside = `{ $words }` は予定の日付とみなしませんでした
    .hint = メンテナンスの日でないことを確認してください。
calendar-import-errors = お知らせに確定できない内容が { $count } 件あります。何も取り込んでいません
    .hint = 年・曜日・終了時刻などを確定した文面にするか、メンテナンス予定ファイルに直接書いてください。
calendar-import-nothing = 該当する時間帯がありません。何も取り込んでいません
    .hint = お知らせを確認して新しい予定が無かった場合は、`calendar check --read-by 氏名` で記録してください。
calendar-import-unconfirmed = { $count } 件の時間帯を読み取りました。まだ何も取り込んでいません
    .hint = お知らせと1件ずつ照らし合わせ、すべて正しければ同じコマンドに `--confirm { $code }` を付けて実行してください。
calendar-no-reading = { $number } 番のお知らせはありません
    .hint = 番号は `orca-cutover calendar list` で確認できます。

# iCalendar: 読み取れないもの、続いて知っておくべきこと (`note`)

calendar-ics-too-large = カレンダーが { $limit } バイトを超えています
    .hint = ファイルが正しいか確認してください。メンテナンスのカレンダーは小さいはずです。

calendar-ics-no-calendar = iCalendar ファイルではありません
    .label = ここに `BEGIN:VCALENDAR` が必要です
    .hint = アドレスをブラウザーで開いて確認してください。ログイン画面やエラー画面が返されている可能性があります。

calendar-ics-line = `{ $line }` はカレンダーの行ではありません
    .label = 名前、コロン、値が必要です
    .hint = ファイルが壊れているか途中で切れている可能性があります。取得し直してください。

calendar-ics-structure = { $what ->
        [deep] 要素の入れ子が深すぎます
        [unfinished] カレンダーが途中で終わっています
       *[end] この `END` は開いている要素と対応していません
    }
    .label = ここです
    .hint = ファイルが壊れているか途中で切れている可能性があります。取得し直してください。

calendar-ics-too-many-events = カレンダーの予定が { $limit } 件を超えています
    .label = ここで上限を超えました
    .hint = メンテナンスだけのカレンダーを使ってください。

calendar-ics-too-many-windows = 対象期間の時間帯が { $limit } 件を超えています
    .label = ここで上限を超えました
    .hint = メンテナンスだけのカレンダーを使うか、対象期間を短くしてください。

calendar-ics-missing = 予定に `{ $property }` がありません
    .label = この予定です
    .hint = カレンダーの発行元に確認してください。開始のない予定は解釈できません。

calendar-ics-twice = `{ $property }` が2つあります
    .label = 2つ目です
    .hint = 片方を取り除くか、カレンダーの発行元に確認してください。

calendar-ics-time = `{ $text }` は日付または日時ではありません
    .label = 例: `20270121T190000`、`20270121`
    .hint = 値を直すか、カレンダーの発行元に確認してください。

calendar-ics-duration = `{ $text }` は長さとして読めません
    .label = 例: `PT2H30M`、`P1D`
    .hint = 値を直すか、カレンダーの発行元に確認してください。

calendar-ics-zone = タイムゾーン `{ $zone }` が分かりません
    .label = `Asia/Tokyo` のような名前が必要です
    .hint = `VTIMEZONE` をファイルに加えるか、IANA データベースの名前で書いてください。

calendar-ics-zone-definition = このタイムゾーンの定義を読み取れません
    .label = このタイムゾーンです
    .hint = 各部分に `DTSTART`・`TZOFFSETFROM`・`TZOFFSETTO` が必要です。または IANA データベースの名前を使ってください。

calendar-ics-end = 予定の終わりが始まりより前か、長さが年単位です
    .label = この終わりです
    .hint = 終わりを直すか、カレンダーの発行元に確認してください。

calendar-ics-kinds = 日時の場所に日付、または日付の場所に日時があります
    .label = `DTSTART` と種類が異なります
    .hint = 両方を日付で、または両方を日時で書いてください。

calendar-ics-rule = 繰り返しの規則を読み取れません: `{ $part }`
    .label = この規則です
    .hint = RFC 5545 に従って直すか、`RDATE` で日時を1つずつ書いてください。

calendar-ics-rule-never = 繰り返しの規則に当てはまる日時がありません
    .label = この規則です
    .hint = 2月30日のような存在しない日を指しています。直してください。

calendar-ics-rule-dense = 繰り返しが多すぎて、メンテナンスの予定とは考えられません
    .label = ここで上限を超えました
    .hint = 規則の開始を後にするか終わりを付けてください。またはメンテナンスだけのカレンダーを使ってください。

calendar-ics-this-and-future = 「これ以降すべて」の変更 (`RANGE=THISANDFUTURE`) には対応していません
    .label = この変更です
    .hint = 元の繰り返しを `UNTIL` で終え、変更後の日時を別の予定として発行してもらってください。

calendar-ics-unsupported = `{ $text }` には対応していません
    .label = 対応していません
    .hint = これを使わずに書いてください。推測すると時間帯を見落とすおそれがあります。

calendar-ics-note-floating = タイムゾーンのない日時を日本時間とみなしました
    .label = タイムゾーンがありません
    .hint = 誤りであれば、タイムゾーン (`TZID`) 付きか UTC で発行してもらってください。

calendar-ics-note-no-length = 長さのない予定があります
    .label = この予定です
    .hint = 日付だけなら丸1日、日時ならその時点だけとみなしました。作業の長さを確認してください。

calendar-ics-note-excluded-day = 日時の繰り返しから丸1日が除かれています
    .label = この日です
    .hint = その日の繰り返しをすべて除きました。意図どおりか確認してください。

calendar-ics-unreadable = iCalendar の `{ $path }` に解釈できない箇所が { $count } 件あります（最初は { $line } 行目、`{ $code }`）
    .hint = 内容は一切使いません。発信元に修正を依頼するか、メンテナンス予定ファイルに手で書き写してください。

# 国民の祝日 (内閣府の一覧の名称)

calendar-holiday-new-year = 元日
calendar-holiday-coming-of-age = 成人の日
calendar-holiday-foundation = 建国記念の日
calendar-holiday-emperor = 天皇誕生日
calendar-holiday-vernal-equinox = 春分の日
calendar-holiday-showa = 昭和の日
calendar-holiday-constitution = 憲法記念日
calendar-holiday-greenery = みどりの日
calendar-holiday-children = こどもの日
calendar-holiday-marine = 海の日
calendar-holiday-mountain = 山の日
calendar-holiday-aged = 敬老の日
calendar-holiday-autumnal-equinox = 秋分の日
calendar-holiday-health-sports = 体育の日（スポーツの日）
calendar-holiday-sports = スポーツの日
calendar-holiday-culture = 文化の日
calendar-holiday-labour-thanksgiving = 勤労感謝の日
calendar-holiday-substitute = 休日
calendar-holiday-treated = 休日（祝日扱い）
