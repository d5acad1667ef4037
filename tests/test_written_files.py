"""Files that people write or that a spreadsheet saves: each is read, or refused in one line with name and fault."""

from pathlib import Path

import pytest

from fashiongen.boards.catalogue import read_catalogue
from fashiongen.config import read_yaml
from fashiongen.errors import BadInput, ConfigError
from fashiongen.files import read_csv
from fashiongen.images.manifest import PinRecord

CATALOGUE = "site: standin\nboards:\n  - {brand: Café Müller, season: SS26, url: /cafe/runway/}\n"
COLUMNS = list(PinRecord.model_fields)
ROW = ["1", "/b/", "Café Müller", "SS26", "2026-01-24", "", "a title", "", "ab", "x.jpg", "3", "4", "5", "cd", "saved"]
PINS = f"{','.join(COLUMNS)}\n{','.join(ROW)}\n"
LAUGHS = "\n".join(["a0: &a0 [1, 1]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))])

READ = {  # as some program saves a good file
    "plain": lambda text: text.encode(),
    "byte-order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, the other order": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
}
REFUSED = {  # and what the line says
    "cp1252": (lambda text: text.encode("cp1252"), r":\d+: byte 0x.. is not UTF-8; save the file as UTF-8"),
    "UTF-16 without mark": (lambda text: text.encode("utf-16-le"), "save the file as UTF-8|save it as UTF-8"),
    "NUL": (lambda text: f"{text}\0".encode(), "a NUL character"),
    "picture": (lambda text: b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8"),
}


@pytest.fixture
def write(tmp_path):
    """Writes a file of one of the two names, and gives what reads it."""

    def write(name, content):
        (tmp_path / name).write_bytes(content)
        read = {
            "catalogue.yaml": lambda: read_catalogue(tmp_path).boards[0].brand,
            "pins.csv": lambda: read_csv(tmp_path / "pins.csv", PinRecord)[0].brand,
        }
        return read[name]

    return write


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize(("name", "text"), [("catalogue.yaml", CATALOGUE), ("pins.csv", PINS)])
def test_what_a_program_saves_is_read(write, name, text, kind):
    assert write(name, READ[kind](text))() == "Café Müller"


def assert_refuses(read, name, message):
    with pytest.raises((ConfigError, BadInput), match=message) as raised:
        read()
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 1500


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize(("name", "text"), [("catalogue.yaml", CATALOGUE), ("pins.csv", PINS)])
def test_what_is_not_utf8_is_refused_by_name_and_line(write, name, text, kind):
    encode, message = REFUSED[kind]
    assert_refuses(write(name, encode(text)), name, message)


@pytest.mark.parametrize("mark", ";\t")
def test_a_spreadsheets_separators_are_read(write, mark):
    assert write("pins.csv", PINS.replace(",", mark).encode())() == "Café Müller"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "pins.csv:1: no column pin_id, board"),
        ("\n\n", "pins.csv:1: no column"),
        (PINS.replace(",", "|"), "separate the columns by commas"),
        (PINS.replace("pin_id", "id"), "no column pin_id in the header"),
        (PINS.replace("board,", "pin_id,"), "pins.csv:1: "),
        (f"{PINS}1,2,3\n", "pins.csv:3: 3 cells, and the header has 15 columns"),
        (f"{PINS}{','.join([*ROW, 'more'])}\n", "pins.csv:3: 16 cells"),
        (PINS.replace("a title", "t" * 200_000), "pins.csv:2: not CSV: field larger than field limit"),
        (PINS.replace("a title", '"a title'), "pins.csv:2: 7 cells"),
        (PINS.replace(",3,", f",{'9' * 5000},"), "pins.csv:2: width_px: "),
        (PINS.replace(",3,", ",3.5,"), r"pins.csv:2: width_px: .*\(got '3.5'\)"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_by_line(write, text, message):
    assert_refuses(write("pins.csv", text.encode()), "pins.csv", message)


ILL_TAGGED = ["!!bool maybe", '!!int ""', '!!int "-"', '!!float ""', "!!timestamp soon"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no sections"),
        ("a: [", "catalogue.yaml:1: not YAML"),
        ("\tsite: standin", "catalogue.yaml:1: not YAML"),
        ("site: standin\nboards: []\nsite: standin\n", "catalogue.yaml:3: not YAML: the key site stands twice"),
        ("site: !!python/object/apply:os.getcwd []", "catalogue.yaml:1: not YAML"),
        (f"site: {'9' * 5000}", "not YAML: Exceeds the limit"),
        (f"site: {'[' * 5000}{']' * 5000}", "nested too deeply"),
        (LAUGHS, "its aliases stand for more than 100,000 values"),
        ("site: &site {a: *site}", "or for themselves"),
        ("site: \x07", "not YAML"),
        *((f"site: {value}", "a value does not fit its tag") for value in ILL_TAGGED),
        *((text, "catalogue.yaml:1: not YAML: a list or mapping as a key") for text in ("{[a]: 1}", "? {a: b}\n: 1")),
        (f"{CATALOGUE}---\n{CATALOGUE}", "not YAML"),
    ],
)
def test_yaml_that_cannot_be_used_is_refused(write, text, message):
    assert_refuses(write("catalogue.yaml", text.encode()), "catalogue.yaml", message)


@pytest.mark.parametrize("read", [read_yaml, lambda path: read_csv(path, PinRecord)])
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path, read):
    (tmp_path / "mine").mkdir()
    assert_refuses(lambda: read(tmp_path / "mine"), "mine", "a folder; a file is expected")


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        "profile: démo\n".encode("cp1252"),
        "profile: demo\n".encode("utf-16-le"),
        b"profile: demo\nprofile: demo\n",
        b"profile: " + b"9" * 5000,
        b"profile: " + b"[" * 5000,
        LAUGHS.encode(),
        b"",
        b"\0",
    ],
)
@pytest.mark.parametrize("words", [("doctor",), ("profile", "street"), ("costs",), ("generate", "cropped")])
def test_every_command_refuses_such_params_in_one_line(call, words, content):
    Path("params.yaml").write_bytes(content)
    status, output, error = call(*words)
    assert (status, output, len(error.splitlines())) == (1, "", 1)
    assert error.startswith("error: params.yaml:")
    assert Path("params.yaml").read_bytes() == content


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_params_that_a_windows_editor_saved_are_read(call, encoding):
    text = Path("params.yaml").read_text().replace("\n", "\r\n")
    Path("params.yaml").write_bytes(text.encode(encoding))
    assert call("doctor")[0] == 0
