"""Searches files for canaries in every form in which they could have left the program.

stdin: {"names": [...], "secrets": [...], "places": {place: [file or folder, ...]}, "skip": [...]}
stdout: {"places": n, "files": n, "bytes": n, "hits": [[place, file, canary, form], ...]}
Bytes are counted as they were searched, unpacked forms included.
"""
import base64, email, email.header, email.policy, gzip, html, io, json, os, quopri, re
import shutil, sqlite3, sys, tempfile, unicodedata, urllib.parse, zipfile, zlib

ENCODINGS = ["utf-8", "euc_jp", "euc_jisx0213", "cp932", "iso2022_jp", "utf-16-le", "utf-16-be"]
MAX_DEPTH = 5


def forms(canary):
    """Every way to write a canary as bytes that no unpacking below undoes."""
    found = {}
    for encoding in ENCODINGS:
        try:
            plain = canary.encode(encoding)
        except UnicodeEncodeError:
            continue
        if encoding == "iso2022_jp":
            # Without the escapes at its ends: it may stand among other Japanese.
            plain = re.sub(rb"^\x1b\$B|\x1b\(B$", b"", plain)
        found[plain] = encoding
        found[plain.hex().encode()] = encoding + " hex"
        found[plain.hex().upper().encode()] = encoding + " HEX"
        found["".join(f"\\{byte:03o}" for byte in plain).encode()] = encoding + " octal"
        found["".join(f"\\x{byte:02x}" for byte in plain).encode()] = encoding + " \\x"
        for shift in range(3):
            # Of a base64 text only the digits that do not depend on the neighbours.
            digits = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
            whole = (shift + len(plain)) // 3 * 4
            digits = digits[(0, 2, 3)[shift]:whole]
            if len(digits) >= 8:
                found[digits] = encoding + " base64"
                found[digits.translate(bytes.maketrans(b"+/", b"-_"))] = encoding + " base64url"
    return found


def unpacked(data):
    """What can be taken out of some bytes: (how, bytes)."""
    if data[:2] == b"\x1f\x8b":
        try:
            yield "gzip", gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            pass
    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                for info in packed.infolist():
                    yield "zip", info.filename.encode() + b"\n" + packed.read(info)
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError):
            pass
    if b"\0" in data:
        # No text, so nothing that is written as text; a database's rows are read apart.
        return
    if re.search(rb"(?im)^(mime-version|message-id|subject|content-type):", data[:200_000]):
        mail = email.message_from_bytes(data, policy=email.policy.compat32)
        for part in mail.walk():
            for name, value in part.items():
                pieces = email.header.decode_header(value)
                joined = b"".join(
                    piece if isinstance(piece, bytes) else str(piece).encode("utf-8", "replace")
                    for piece, _ in pieces)
                yield "header", name.encode() + b": " + joined
            if not part.is_multipart():
                yield "mail part", part.get_payload(decode=True) or b""
    if re.search(rb"=[0-9A-Fa-f]{2}", data):
        yield "quoted-printable", quopri.decodestring(data)
    if re.search(rb"%[0-9A-Fa-f]{2}", data):
        yield "percent", urllib.parse.unquote_to_bytes(data.replace(b"+", b" "))
    if re.search(rb"&(#|[a-z]+;)", data):
        yield "entities", html.unescape(data.decode("utf-8", "replace")).encode()
    if re.search(rb"\\u[0-9a-fA-F]{4}", data):
        yield "json", re.sub(rb"\\u([0-9a-fA-F]{4})",
            lambda m: chr(int(m[1], 16)).encode("utf-8", "replace"), data)
    for run in re.findall(rb"(?:[A-Za-z0-9+/_-]{16,}={0,2}\s*)+", data):
        bare = b"".join(run.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        for cut in range(min(4, len(bare))):
            piece = bare[cut:]
            piece = piece[:len(piece) // 4 * 4] if len(piece) % 4 == 1 else piece
            try:
                yield "base64", base64.b64decode(piece + b"=" * (-len(piece) % 4))
            except ValueError:
                pass


def rows(path):
    """Every text of a database, its write-ahead log included: pages cut long texts."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy")
        for end in ("", "-wal"):
            if os.path.exists(path + end):
                shutil.copy(path + end, copy + end)
        out = []
        base = sqlite3.connect(copy)
        base.text_factory = bytes
        for (table,) in base.execute("select name from sqlite_master where type = 'table'"):
            for row in base.execute(f"select * from {table.decode()}"):
                out += [v if isinstance(v, bytes) else str(v).encode() for v in row]
        return b"\n".join(out)


class Search:
    def __init__(self, canaries):
        self.needles = {}
        for canary in canaries:
            for needle, form in forms(canary).items():
                self.needles.setdefault(needle, (canary, form))
        self.bytes, self.hits = 0, set()

    def data(self, where, data, how="", depth=0):
        self.bytes += len(data)
        # Lower case and without blanks: neither line breaks nor spelling hide a needle.
        for needle, (canary, form) in self.needles.items():
            if needle in data:
                self.hits.add((*where, canary, f"{how} {form}".strip()))
        squeezed = re.sub(rb"=?\r?\n[ \t]*", b"", data)
        if squeezed != data:
            for needle, (canary, form) in self.needles.items():
                if needle in squeezed:
                    self.hits.add((*where, canary, f"{how} {form} over lines".strip()))
        try:
            text = data.decode("utf-8")
            folded = unicodedata.normalize("NFKC", text)
            if folded != text:
                folded = folded.encode()
                for needle, (canary, form) in self.needles.items():
                    if needle in folded:
                        self.hits.add((*where, canary, f"{how} {form} folded".strip()))
        except UnicodeDecodeError:
            pass
        if depth < MAX_DEPTH:
            seen = set()
            for kind, inner in unpacked(data):
                # What nothing came out of is not searched again and again.
                key = hash(inner)
                if inner and inner != data and key not in seen:
                    seen.add(key)
                    limit = depth + (1 if kind in ("gzip", "zip", "mail part", "header") else 3)
                    self.data(where, inner, f"{how} {kind}", limit)

    def file(self, place, path):
        with open(path, "rb") as file:
            data = file.read()
        self.data((place, path), os.path.basename(path).encode() + b"\n" + data[:0])
        self.data((place, path), data)
        if data[:16] == b"SQLite format 3\0":
            self.data((place, path), rows(path), "row")


def main():
    asked = json.load(sys.stdin)
    search = Search(asked["names"] + asked["secrets"])
    skip = {os.path.realpath(path) for path in asked["skip"]}
    files, searched = 0, 0
    for place, roots in asked["places"].items():
        before = files
        for root in roots:
            paths = [root] if not os.path.isdir(root) else [
                os.path.join(folder, name)
                for folder, _, names in os.walk(root) for name in names]
            for path in sorted(paths):
                if os.path.realpath(path) in skip or not os.path.isfile(path):
                    continue
                # Each file once, in the first place that names it.
                skip.add(os.path.realpath(path))
                search.file(place, path)
                files += 1
        searched += files > before
    json.dump({"places": searched, "files": files, "bytes": search.bytes,
               "hits": sorted(search.hits)}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
