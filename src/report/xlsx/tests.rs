//! The workbook, read back by another reader.

use std::process::Command;

use super::*;
use crate::i18n::Lang;
use crate::report::sample;

/// The sheets with their cells as `[name, {reference: [type, value, format]}]`, and whether there
/// is any formula or link.
fn read(bytes: &[u8]) -> serde_json::Value {
    const SCRIPT: &str = r#"
import json, sys, zipfile
import xml.etree.ElementTree as ET
M = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for n in z.namelist():
    if n.endswith(('.xml', '.rels')): ET.fromstring(z.read(n))
book = ET.fromstring(z.read('xl/workbook.xml'))
strings = [''.join(t.text or '' for t in s.iter(M + 't'))
           for s in ET.fromstring(z.read('xl/sharedStrings.xml'))]
styles = ET.fromstring(z.read('xl/styles.xml'))
codes = {f.get('numFmtId'): f.get('formatCode') for f in styles.iter(M + 'numFmt')}
xfs = [codes.get(x.get('numFmtId'), '') for x in styles.find(M + 'cellXfs')]
sheets = []
for n, s in enumerate(book.find(M + 'sheets'), 1):
    x = ET.fromstring(z.read(f'xl/worksheets/sheet{n}.xml'))
    assert not list(x.iter(M + 'f')) and not list(x.iter(M + 'hyperlink'))
    cells = {}
    for c in x.iter(M + 'c'):
        v = c.find(M + 'v')
        if v is None: continue
        is_text = c.get('t') == 's'
        cells[c.get('r')] = ['text' if is_text else 'number',
                             strings[int(v.text)] if is_text else v.text, xfs[int(c.get('s', 0))]]
    setup = x.find(M + 'pageSetup').attrib
    pane = x.find(f'{M}sheetViews/{M}sheetView/{M}pane').attrib
    sheets.append({'name': s.get('name'), 'cells': cells, 'paper': setup['paperSize'],
                   'orientation': setup['orientation'], 'frozen': pane['ySplit'],
                   'widths': len(x.find(M + 'cols'))})
print(json.dumps(sheets))
"#;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(file.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn texts(sheet: &serde_json::Value) -> Vec<String> {
    let cells = sheet["cells"].as_object().unwrap().values();
    cells
        .filter(|cell| cell[0] == "text")
        .map(|cell| cell[1].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_sheets_hold_the_plan_with_times_that_are_times() {
    let bytes = plan(&sample::plan(), Some(&sample::approved()), Lang::Ja).unwrap();
    let sheets = read(&bytes);
    let sheets = sheets.as_array().unwrap();
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["概要", "判定", "手順", "データ", "体制", "承認"]);
    for sheet in sheets {
        assert_eq!((&sheet["paper"], &sheet["orientation"]), (&"9".into(), &"landscape".into()));
        assert_eq!(sheet["frozen"], "1");
        assert!(sheet["widths"].as_u64().unwrap() >= 2);
        assert!(!texts(sheet).iter().any(|text| text.contains("report-")), "a bare text id");
    }
    let steps = sheets[2]["cells"].as_object().unwrap();
    // The first step, on 2027-01-12 at 9:30: days since the end of 1899.
    let start = &steps["E3"];
    assert_eq!((&start[0], &start[2]), (&"number".into(), &"yyyy-mm-dd hh:mm:ss".into()));
    let days: f64 = start[1].as_str().unwrap().parse().unwrap();
    assert!((days - 46_399.395_833).abs() < 1e-4, "{days}");
    assert!(texts(&sheets[5]).iter().any(|text| text == "見本 花子"));
    assert_eq!(bytes, plan(&sample::plan(), Some(&sample::approved()), Lang::Ja).unwrap());
}

#[test]
fn times_of_a_rehearsal_are_marked_and_every_sheet_says_so() {
    let bytes = plan(&sample::rehearsal(), Some(&sample::revoked()), Lang::En).unwrap();
    let sheets = read(&bytes);
    let start = &sheets[2]["cells"]["E3"];
    assert_eq!(start[2], "yyyy-mm-dd hh:mm:ss\" [R]\"");
    assert!(texts(&sheets[0]).iter().any(|text| text == "Rehearsal, not a real cutover"));
    assert!(texts(&sheets[5]).iter().any(|text| text == "approval revoked"));
}

#[test]
fn names_from_files_cannot_become_formulas_or_links() {
    let mut sample = sample::plan();
    let evil = "=HYPERLINK(\"http://a.test\")\u{7}";
    evil.clone_into(&mut sample.clinic.name);
    evil.clone_into(&mut sample.clinic.people[0].name);
    evil.clone_into(&mut sample.phases[0].steps[0].title.ja);
    evil.clone_into(&mut sample.phases[0].steps[0].host);
    evil.clone_into(&mut sample.checks[3].measured);
    evil.clone_into(&mut sample.places[0].place);
    "+1".clone_into(&mut sample.clinic.people[1].name);
    "https://a.test/".clone_into(&mut sample.clinic.people[2].name);
    // The reader itself refuses formulas and links.
    let sheets = read(&plan(&sample, None, Lang::Ja).unwrap());
    assert!(texts(&sheets[4]).iter().any(|text| text == "+1"));
    assert!(texts(&sheets[4]).iter().any(|text| text.starts_with("=HYPERLINK")));
}
