"""Proves the search: plants a canary in each form in each kind of file, and looks for it.

argv: search.py, a folder. stdout: planted, found, clean files, false hits, then what was missed.
"""
import base64, email.message, gzip, html, importlib.util, json, os, quopri, sqlite3, sys, zipfile
from urllib.parse import quote_from_bytes

spec = importlib.util.spec_from_file_location("search", sys.argv[1])
search = importlib.util.module_from_spec(spec)
spec.loader.exec_module(search)
folder = sys.argv[2]

CANARIES = ["金糸雀", "鳥太郎", "カナリア", "トリタロウ", "ｶﾅﾘｱ", "ﾄﾘﾀﾛｳ", "canary-secret-0199aaaa"]


def encodings(text):
    for name in ("utf-8", "euc_jp", "cp932", "iso2022_jp", "utf-16-le"):
        try:
            yield name, text.encode(name)
        except UnicodeEncodeError:
            pass


def shapes(text):
    """The canary among other words, written in each way."""
    for name, data in encodings(f"患者 {text} 様" if name_like(text) else f"pw {text} end"):
        yield name, data
        yield name + " hex", data.hex().encode()
        yield name + " HEX", data.hex().upper().encode()
        yield name + " percent", quote_from_bytes(data).encode()
        yield name + " octal", "".join(f"\\{byte:03o}" for byte in data).encode()
        for shift in range(3):
            yield f"{name} base64+{shift}", base64.b64encode(b"\0" * shift + data + b"\0")
        yield name + " base64 lines", base64.encodebytes(b"filler " * 9 + data)
        yield name + " quoted-printable", quopri.encodestring(b"x" * 71 + data)
    yield "json", json.dumps({"a": text}).encode()
    yield "entities", "".join(f"&#{ord(letter)};" for letter in text).encode()
    yield "hex entities", "".join(f"&#x{ord(letter):x};" for letter in text).encode()
    yield "html", html.escape(text).encode()


def name_like(text):
    return not text.isascii()


def mail(body, attachment, encoding):
    made = email.message.EmailMessage()
    made["Subject"] = "test"
    made.set_content(body.decode("utf-8", "surrogateescape") if encoding else "x", cte=encoding)
    if attachment:
        made.add_attachment(attachment, maintype="application", subtype="gzip", filename="a.gz")
    return bytes(made)


def containers(data):
    yield "log", data
    yield "gzip", gzip.compress(data)
    yield "mail attachment", mail(b"x", gzip.compress(data), "7bit")
    path = os.path.join(folder, "packed")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"<si>" + data + b"</si>")
    with open(path, "rb") as file:
        yield "zip", file.read()


def databases(data):
    """In a table's row, folded in and still in the write-ahead log."""
    for wal in (False, True):
        path = os.path.join(folder, f"wal{wal}.sqlite")
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.remove(path + end)
        base = sqlite3.connect(path, isolation_level=None)
        base.execute(f"pragma journal_mode = {'wal' if wal else 'delete'}")
        base.execute("pragma wal_autocheckpoint = 0")
        base.execute("create table records (event text)")
        # Long before it, so that it lies across overflow pages.
        base.execute("insert into records values (?)", (b"x" * 4050 + data + b"y" * 9000,))
        yield f"sqlite wal={wal}", path
        base.close()


planted = found = clean = wrong = 0
missed = []


def look(what, canary, run):
    global planted, found
    planted += 1
    one = search.Search([canary])
    run(one)
    if one.hits:
        found += 1
    else:
        missed.append(f"{canary}: {what}")


for canary in CANARIES:
    for shape, data in shapes(canary):
        for kind, packed in containers(data):
            look(f"{shape} in {kind}", canary, lambda one: one.data(("p", "f"), packed))
    for encoding, data in encodings(canary):
        for kind, path in databases(data):
            look(f"{encoding} in {kind}", canary, lambda one: one.file("p", path))
    for cte in ("base64", "quoted-printable"):
        body = mail(f"患者 {canary} 様".encode(), None, cte)
        look(f"mail body {cte}", canary, lambda one: one.data(("p", "f"), body))
    subject = email.message.EmailMessage()
    subject["Subject"] = f"失敗 {canary} のお知らせ"
    look("subject", canary, lambda one: one.data(("p", "f"), bytes(subject)))
    path = os.path.join(folder, f"name-{canary}.txt")
    open(path, "w").close()
    look("a file's name", canary, lambda one: one.file("p", path))
# A half-width name that somebody made full-width, and the other way round.
look("folded", "カナリア", lambda one: one.data(("p", "f"), "ｶﾅﾘｱ".encode()))

every = search.Search(CANARIES)
for data in (b"", "架空花子 見本クリニック カナ ﾄﾘ 金 太郎".encode(), os.urandom(200_000),
             base64.b64encode(os.urandom(50_000)), b"canary-secret-0199aaa"):
    for kind, packed in containers(data):
        clean += 1
        every.data(("clean", kind), packed)
wrong = len(every.hits)
print(planted, found, clean, wrong)
print("\n".join(missed[:40]))
