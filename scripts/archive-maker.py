#!/usr/bin/env python3
"""Writes small archives of the versions whose pg_dump is hard to come by: 1.10 (8.0) to 1.14.

It follows the published layout of the custom format and shares no code with the program: what it
writes is held against pg_restore, which reads all of them.

    scripts/archive-maker.py FOLDER
"""
import pathlib
import sys
import zlib

PRE_DATA, DATA, POST_DATA, NONE = 2, 3, 4, 1


class Maker:
    def __init__(self, minor, int_size=4, level=-1, known_offsets=True, encoding="EUC_JP"):
        self.minor, self.int_size, self.level = minor, int_size, level
        self.known_offsets, self.encoding = known_offsets, encoding
        self.codec = "euc_jp" if encoding == "EUC_JP" else "utf-8"
        self.entries, self.next_id = [], 1

    def integer(self, value):
        return bytes([value < 0]) + abs(value).to_bytes(self.int_size, "little")

    def text(self, value):
        if value is None:
            return self.integer(-1)
        raw = value if isinstance(value, bytes) else value.encode(self.codec)
        return self.integer(len(raw)) + raw

    def add(self, desc, tag, section, defn="", drop="", copy=None, schema=None, data=None, needs=()):
        entry = dict(id=self.next_id, desc=desc, tag=tag, section=section, defn=defn, drop=drop,
                     copy=copy, schema=schema, data=data, needs=needs)
        self.entries.append(entry)
        self.next_id += 1
        return entry["id"]

    def chunks(self, raw):
        """One zlib stream, or plain bytes, cut into chunks of an uneven size."""
        packed = raw if self.level == 0 else zlib.compress(raw)
        pieces = [packed[at:at + 61] for at in range(0, len(packed), 61)]
        return b"".join(self.integer(len(piece)) + piece for piece in pieces) + self.integer(0)

    def block(self, entry):
        if entry["desc"] == "BLOBS":
            objects = b"".join(self.integer(oid) + self.chunks(raw) for oid, raw in entry["data"])
            return b"\x03" + self.integer(entry["id"]) + objects + self.integer(0)
        return b"\x01" + self.integer(entry["id"]) + self.chunks(entry["data"].encode(self.codec))

    def table_of_contents(self, offsets):
        out = self.integer(len(self.entries))
        for entry in self.entries:
            out += self.integer(entry["id"]) + self.integer(entry["data"] is not None)
            for value in ("1259" if entry["desc"] == "TABLE" else "0", "0", entry["tag"], entry["desc"]):
                out += self.text(value)
            if self.minor >= 11:
                out += self.integer(entry["section"])
            for name in ("defn", "drop", "copy", "schema"):
                out += self.text(entry[name])
            out += self.text("")
            if self.minor >= 14:
                out += self.text("heap" if entry["desc"] == "TABLE" else None)
            out += self.text("postgres") + self.text("false")
            for need in entry["needs"]:
                out += self.text(str(need))
            out += self.text(None)
            if entry["data"] is None:
                out += b"\x03" + bytes(8)
            elif offsets is None or not self.known_offsets:
                out += b"\x01" + bytes(8)
            else:
                out += b"\x02" + offsets[entry["id"]].to_bytes(8, "little")
        return out

    def archive(self, server, database):
        head = b"PGDMP" + bytes([1, self.minor, 0, self.int_size, 8, 1]) + self.integer(self.level)
        for field in (30, 15, 9, 1, 3, 115, 0):
            head += self.integer(field)
        head += self.text(database) + self.text(server) + self.text(server)
        at = len(head) + len(self.table_of_contents(None))
        offsets, blocks = {}, b""
        for entry in self.entries:
            if entry["data"] is not None:
                offsets[entry["id"]] = at + len(blocks)
                blocks += self.block(entry)
        return head + self.table_of_contents(offsets) + blocks


def clinic(maker, server, database):
    # Below 1.13 a path is set for each schema, and the names in it stand alone.
    q = (lambda schema, name: f"{schema}.{name}") if maker.minor >= 13 else (lambda _, name: name)
    maker.add("ENCODING", "ENCODING", PRE_DATA, f"SET client_encoding = '{maker.encoding}';\n")
    if maker.minor >= 11:
        maker.add("STDSTRINGS", "STDSTRINGS", PRE_DATA, "SET standard_conforming_strings = 'on';\n")
    if maker.minor >= 13:
        maker.add("SEARCHPATH", "SEARCHPATH", PRE_DATA,
                  "SELECT pg_catalog.set_config('search_path', '', false);\n")
    maker.add("SCHEMA", "master", PRE_DATA, "CREATE SCHEMA master;\n", "DROP SCHEMA master;\n")
    table = maker.add(
        "TABLE", "tbl_ptinf", PRE_DATA,
        f"CREATE TABLE {q('public', 'tbl_ptinf')} (\n    ptid numeric(10,0) NOT NULL,\n"
        "    name character varying(100)\n);\n",
        f"DROP TABLE {q('public', 'tbl_ptinf')};\n", schema="public")
    other = maker.add(
        "TABLE", "表", PRE_DATA, f'CREATE TABLE {q("master", chr(34) + "表" + chr(34))} (\n    a text\n);\n',
        f'DROP TABLE {q("master", chr(34) + "表" + chr(34))};\n', schema="master")
    objects = [(4711, b"\x00\xff" * 100), (4712, b"")]
    if maker.minor >= 12:
        for oid, _ in objects:
            maker.add("BLOB", str(oid), PRE_DATA, f"SELECT pg_catalog.lo_create('{oid}');\n",
                      f"SELECT pg_catalog.lo_unlink('{oid}');\n")
    maker.add("TABLE DATA", "tbl_ptinf", DATA, "", "",
              f"COPY {q('public', 'tbl_ptinf')} (ptid, name) FROM stdin;\n", "public",
              "".join(f"{n}\t試験 患者{n}\n" for n in range(1, 31)) + "31\t\\N\n\\.\n\n\n", (table,))
    maker.add("TABLE DATA", "表", DATA, "", "", f'COPY {q("master", chr(34) + "表" + chr(34))} (a) FROM stdin;\n',
              "master", "漢字\n\\.\n\n\n", (other,))
    maker.add("BLOBS", "BLOBS", DATA, data=objects)
    if maker.minor < 12:
        maker.add("BLOB COMMENTS", "BLOB COMMENTS", DATA, data="")
    maker.add("CONSTRAINT", "tbl_ptinf tbl_ptinf_pkey" if maker.minor >= 13 else "tbl_ptinf_pkey",
              POST_DATA, f"ALTER TABLE ONLY {q('public', 'tbl_ptinf')}\n"
              "    ADD CONSTRAINT tbl_ptinf_pkey PRIMARY KEY (ptid);\n",
              f"ALTER TABLE ONLY {q('public', 'tbl_ptinf')} DROP CONSTRAINT tbl_ptinf_pkey;\n",
              schema="public", needs=(table,))
    return maker.archive(server, database)


def main():
    folder = pathlib.Path(sys.argv[1])
    made = {
        "made-1.10": (Maker(10), "8.0.26", "orca"),
        "made-1.11": (Maker(11), "8.4.22", "orca"),
        "made-1.12": (Maker(12), "9.2.24", "orca"),
        "made-1.12-piped": (Maker(12, level=0, known_offsets=False), "9.6.7", "orca"),
        "made-1.13-wide": (Maker(13, int_size=8), "9.6.24", "orca"),
        # The name came from a terminal in UTF-8; the text of the dump is EUC-JP.
        "made-1.13-name": (Maker(13), "11.22", "日レセ".encode()),
        "made-1.14-utf8": (Maker(14, encoding="UTF8"), "12.22", "日レセ"),
    }
    for name, (maker, server, database) in made.items():
        (folder / f"{name}.dump").write_bytes(clinic(maker, server, database))


if __name__ == "__main__":
    main()
