//! A small database as values, written as an archive by the format's description alone: what the
//! readers are held against shares no code with them.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A small generator, so that a failure can be repeated.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.roll(at + 1));
        }
    }
}

/// One table; values as COPY writes them.
#[derive(Clone, Debug)]
pub(crate) struct ModelTable {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// The primary key's columns.
    pub(crate) key: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A row's values with their columns' names.
pub(crate) type NamedRow = Vec<(String, String)>;

/// A database.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) tables: Vec<ModelTable>,
    pub(crate) objects: Vec<(u32, Vec<u8>)>,
}

/// How it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) minor: u8,
    /// zlib's level, 0 for none.
    pub(crate) level: u32,
    /// False as from a pipe.
    pub(crate) offsets: bool,
    /// A chunk for each row, as pg_dump writes what is not compressed.
    pub(crate) chunk_per_row: bool,
}

impl Form {
    pub(crate) const PLAIN: Self =
        Self { minor: 14, level: 6, offsets: true, chunk_per_row: false };

    pub(crate) fn any(dice: &mut Dice) -> Self {
        let minor = [12, 13, 14][dice.roll(3)];
        let level = [0, 1, 6, 9][dice.roll(4)];
        Self { minor, level, offsets: dice.roll(2) == 0, chunk_per_row: dice.roll(2) == 0 }
    }
}

impl Model {
    /// Tables of every kind, with made-up people in them.
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let table =
            |name: &str, columns: &[&str], key: &[&str], rows: Vec<Vec<String>>| ModelTable {
                name: name.to_owned(),
                columns: columns.iter().map(|c| (*c).to_owned()).collect(),
                key: key.iter().map(|c| (*c).to_owned()).collect(),
                rows,
            };
        let names = ["試験　一郎", "試験　花子", "見本　①㈱", "", "\\N", "X"];
        let mut text = |n: usize| names[(dice.roll(6) + n) % 6].to_owned();
        let patients = (0..60).map(|n| {
            vec!["1".into(), format!("{n:07}"), text(n), format!("備考{n}\\n〜"), "  ".into()]
        });
        let patients = patients.collect();
        let visits = (0..200).map(|n| {
            vec![format!("{n}"), format!("{:07}", n % 60), text(n), "20270401".into(), "\\N".into()]
        });
        let visits = visits.collect();
        let words = (0..40).map(|n| vec![text(n), format!("{}", n % 7)]).collect();
        // Longer than a row that is held whole.
        let memo = "長い".repeat(180_000);
        let long =
            vec![vec!["a".into(), memo, "1".into()], vec!["b".into(), "x".into(), "2".into()]];
        Self {
            tables: vec![
                table(
                    "tbl_ptinf",
                    &["hospnum", "ptid", "name", "memo", "sex"],
                    &["hospnum", "ptid"],
                    patients,
                ),
                table("tbl_jyurrk", &["id", "ptid", "name", "sryymd", "memo"], &["id"], visits),
                // No key, and rows that are the same.
                table("tbl_synonym", &["word", "kind"], &[], words),
                table("tbl_prtdata", &["id", "memo", "kind"], &["id"], long),
                table("no_rows", &["a"], &[], Vec::new()),
            ],
            objects: vec![(4711, vec![1, 2, 3]), (4712, b"%PDF-1.4".repeat(3000))],
        }
    }

    /// Every table's rows, sorted, under sorted columns: what a comparison has to go by.
    pub(crate) fn meaning(&self) -> Vec<(String, Vec<NamedRow>)> {
        let mut tables: Vec<_> = self
            .tables
            .iter()
            .map(|table| {
                let named = |row: &Vec<String>| {
                    let mut named: Vec<_> =
                        table.columns.iter().cloned().zip(row.iter().cloned()).collect();
                    named.sort();
                    named
                };
                let mut rows: Vec<_> = table.rows.iter().map(named).collect();
                rows.sort();
                (table.name.clone(), rows)
            })
            .collect();
        tables.sort();
        tables
    }

    /// Writes the archive.
    pub(crate) fn write(&self, path: &Path, form: Form) {
        let mut out = Archive { bytes: b"PGDMP\x01".to_vec(), form };
        out.bytes.extend([form.minor, 0, 4, 8, 1]);
        out.int(i64::from(form.level));
        for field in [0, 0, 20, 1, 3, 127, 0] {
            out.int(field);
        }
        for text in ["model", "9.6.24", "9.6.24"] {
            out.text(Some(text));
        }
        let keys = self.tables.iter().filter(|table| !table.key.is_empty()).count();
        out.int((1 + 2 * self.tables.len() + keys + 1) as i64);
        out.entry(9000, "ENCODING", "ENCODING", "SET client_encoding = 'UTF8';\n", "", false);
        let mut slots = Vec::new();
        for (at, table) in self.tables.iter().enumerate() {
            let (id, columns) = (at as i64 + 1, table.columns.join(", "));
            let types = table.columns.join(" text, ");
            let create = format!("CREATE TABLE public.{} ({types} text);\n", table.name);
            out.entry(id + 1000, &table.name, "TABLE", &create, "", false);
            let copy = format!("COPY public.{} ({columns}) FROM stdin;\n", table.name);
            slots.push(out.entry(id, &table.name, "TABLE DATA", "", &copy, true));
            if !table.key.is_empty() {
                let (name, key) = (&table.name, table.key.join(", "));
                let sql = format!(
                    "ALTER TABLE ONLY public.{name}\n    ADD CONSTRAINT {name}_pkey PRIMARY KEY ({key});\n"
                );
                out.entry(id + 2000, &format!("{name} {name}_pkey"), "CONSTRAINT", &sql, "", false);
            }
        }
        slots.push(out.entry(8000, "BLOBS", "BLOBS", "", "", true));
        for (at, table) in self.tables.iter().enumerate() {
            out.begin(1, at as i64 + 1, slots[at]);
            let mut lines: Vec<String> =
                table.rows.iter().map(|row| row.join("\t") + "\n").collect();
            lines.push("\\.\n\n\n".to_owned());
            out.data(lines.iter().map(String::as_bytes));
        }
        out.begin(3, 8000, slots[self.tables.len()]);
        for (oid, content) in &self.objects {
            out.int(i64::from(*oid));
            out.data(content.chunks(1000));
        }
        out.int(0);
        std::fs::write(path, out.bytes).unwrap();
    }
}

struct Archive {
    bytes: Vec<u8>,
    form: Form,
}

impl Archive {
    fn int(&mut self, value: i64) {
        self.bytes.push(u8::from(value < 0));
        self.bytes.extend(u32::try_from(value.unsigned_abs()).unwrap().to_le_bytes());
    }

    fn text(&mut self, text: Option<&str>) {
        self.int(text.map_or(-1, |text| text.len() as i64));
        self.bytes.extend(text.unwrap_or_default().as_bytes());
    }

    /// Gives the place of its offset.
    fn entry(
        &mut self,
        id: i64,
        tag: &str,
        desc: &str,
        defn: &str,
        copy: &str,
        data: bool,
    ) -> usize {
        self.int(id);
        self.int(i64::from(data));
        for text in ["0", "0", tag, desc] {
            self.text(Some(text));
        }
        // Before the data, the data, behind it.
        self.int(match (data, desc) {
            (true, _) => 3,
            (_, "CONSTRAINT") => 4,
            _ => 2,
        });
        for text in [defn, "", copy, "public", ""] {
            self.text(Some(text));
        }
        if self.form.minor >= 14 {
            self.text(Some(""));
        }
        self.text(Some("orca"));
        self.text(Some("false"));
        self.text(None);
        let slot = self.bytes.len();
        // 1: not known; 3: there is none.
        self.bytes.push(if data { 1 } else { 3 });
        self.bytes.extend([0; 8]);
        slot
    }

    fn begin(&mut self, kind: u8, id: i64, slot: usize) {
        if self.form.offsets {
            let at = self.bytes.len() as u64;
            self.bytes[slot] = 2;
            self.bytes[slot + 1..slot + 9].copy_from_slice(&at.to_le_bytes());
        }
        self.bytes.push(kind);
        self.int(id);
    }

    fn data<'a>(&mut self, parts: impl Iterator<Item = &'a [u8]>) {
        if self.form.level == 0 && self.form.chunk_per_row {
            for part in parts {
                self.chunk(part);
            }
        } else {
            let mut all = parts.collect::<Vec<_>>().concat();
            if self.form.level > 0 {
                let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(self.form.level));
                zlib.write_all(&all).unwrap();
                all = zlib.finish().unwrap();
            }
            for part in all.chunks(5000) {
                self.chunk(part);
            }
        }
        self.int(0);
    }

    fn chunk(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.int(bytes.len() as i64);
            self.bytes.extend(bytes);
        }
    }
}
