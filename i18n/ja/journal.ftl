journal-store = ジャーナル `{ $path }` を読み書きできません: { $reason }
    .hint = ディスクとファイルの所有者を確認してください。ジャーナルに記録されていない操作は実行されません。解消後、`orca-cutover run --resume` で再開できます。
journal-broken = ジャーナルの記録 { $seq } が直前の記録とつながりません
    .hint = ファイルが破損または変更されています。そのまま保存してコピーを取り、再開しないでください。これまでの報告書で実施内容を確認できます。
journal-newer = ジャーナルの形式は { $found } ですが、このプログラムが読めるのは { $known } までです
    .hint = このジャーナルを書いたバージョン以降の orca-cutover を使ってください。
journal-illegal = ジャーナルの状態と矛盾するイベントです: { $reason }
    .hint = 何も実行していません。プログラムの不具合です。`orca-cutover status --json` の出力を添えてご連絡ください。
journal-unwritable = イベントを記録できません: { $reason }
    .hint = 何も実行していません。プログラムの不具合です。ご連絡ください。
journal-no-run = `{ $path }` に実行の記録がありません
    .hint = `orca-cutover run PLAYBOOK --clinic CLINIC` で開始してください。
journal-locked = 別のプロセスがこの医療機関の移行を実行中です（ロック `{ $path }`）
    .hint = `orca-cutover status` で確認してください。ロックファイルは削除しないでください。実行中のプロセスが終われば自動的に解放されます。

journal-taken = 別のプロセスが同時にジャーナルの記録 { $seq } を書きました
    .hint = 失われた記録はありません。もう一度実行してください。繰り返す場合は、同じ作業フォルダーを使う別のプログラムがないか確認してください。

journal-ledger-plan = 保存された計画 `{ $digest }` がありません
    .hint = ファイル名か、ダイジェストの先頭8桁以上で指定してください。`status` で確認できます。新しい計画は `plan --save` で保存します。

journal-ledger-work = `{ $job }` は今 { $wanted } にできません
    .hint = 別のプロセスが先に処理しました。`status` で状態を確認してください。
