"""The benchmark's text files, well-formed and not."""

import pytest

from fashiongen.deepfashion.annotations import (
    Category,
    read_annotations,
    read_boxes,
    read_categories,
    read_labels,
    read_partition,
)
from fashiongen.errors import AnnotationError, MissingInput

BLOUSE = "img/Sheer_Pleated-Front_Blouse/img_00000001.jpg"
CATEGORIES = [Category("Blouse", 1), Category("Jeans", 2), Category("Dress", 3)]
BOX_HEADER = "image_name  x_1  y_1  x_2  y_2"
LABEL_HEADER = "image_name  category_label"


@pytest.fixture
def write(tmp_path):
    """Writes lines to a file and gives its path."""

    def write_lines(*lines, name="list.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return path

    return write_lines


def test_padded_columns_and_zeros_are_read(write):
    table = read_boxes(write("1", BOX_HEADER, f"{BLOUSE:<71}072 079 232 273"))
    assert table.rows == {BLOUSE: (72, 79, 232, 273)}
    assert table.declared == 1


def test_tabs_and_windows_line_ends_are_read(write):
    table = read_categories(write("3", "category_name\tcategory_type\r", "Blouse\t1\r", "Jeans\t2\r", "Dress\t3\r", ""))
    assert list(table.rows.values()) == CATEGORIES
    assert [category.type for category in table.rows.values()] == ["upper", "lower", "full"]


BOX_LINES = ("1", BOX_HEADER, "img/Robe_é/1.jpg 072 079 232 273")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_editors_write_before_the_first_line_is_read(tmp_path, encoding):
    (tmp_path / "list.txt").write_text("\n".join(BOX_LINES), encoding=encoding)
    assert read_boxes(tmp_path / "list.txt").rows == {"img/Robe_é/1.jpg": (72, 79, 232, 273)}


def test_another_encoding_is_named_with_its_line(tmp_path):
    (tmp_path / "list.txt").write_text("\n".join(BOX_LINES), encoding="cp1252")
    with pytest.raises(AnnotationError, match=r"list\.txt:3: byte 0xe9 is not UTF-8; save the file as UTF-8"):
        read_boxes(tmp_path / "list.txt")


@pytest.mark.parametrize("separator", [",", ";", "\t", " ; "])
def test_the_separators_of_spreadsheets_are_read(write, separator):
    header, row = (separator.join(line.split()) for line in (BOX_HEADER, "img/1.jpg 072 079 232 273"))
    padding = separator.strip() * 4
    assert read_boxes(write(f"1{padding}", header, row)).rows == {"img/1.jpg": (72, 79, 232, 273)}


@pytest.mark.parametrize("digits", [10, 5000])
def test_a_number_of_many_digits_is_an_error_of_one_short_line(write, digits):
    path = write("1", BOX_HEADER, f"img/1.jpg 072 079 232 {'9' * digits}")
    with pytest.raises(AnnotationError, match=r"list\.txt:3: '9+…?' is too large") as caught:
        read_boxes(path)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_negative_coordinates_are_read(write):
    assert read_boxes(write("1", BOX_HEADER, "a.jpg -03 000 010 020")).rows == {"a.jpg": (-3, 0, 10, 20)}


def test_a_name_with_spaces_is_split_from_the_right(write):
    assert read_partition(write("1", "image_name  evaluation_status", "img/A B/1.jpg  test")).rows == {
        "img/A B/1.jpg": "test"
    }


def test_the_count_line_is_kept_beside_the_rows_that_follow(write):
    table = read_labels(write("289222", LABEL_HEADER, "a.jpg 1", "b.jpg 3"), CATEGORIES)
    assert (table.declared, len(table.rows)) == (289_222, 2)


def test_labels_count_the_category_files_rows_from_one(write):
    table = read_labels(write("3", LABEL_HEADER, "a.jpg 1", "b.jpg 3", "c.jpg 2"), CATEGORIES)
    assert [category.name for category in table.rows.values()] == ["Blouse", "Dress", "Jeans"]


@pytest.mark.parametrize("label", ["0", "4", "48", "-1"])
def test_a_label_outside_the_category_file_names_its_row(write, label):
    path = write("2", LABEL_HEADER, "a.jpg 1", f"b.jpg {label}")
    with pytest.raises(AnnotationError, match=rf"list\.txt:4: category_label {label} is outside the 3 rows.*b.jpg"):
        read_labels(path, CATEGORIES)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a.jpg 072 079 232", "5 columns are expected"),
        ("a.jpg 072 079 232 27.5", "'27.5' is no integer"),
        ("a.jpg 072 079 232 2_3", "'2_3' is no integer"),
        ("a.jpg 072 079 232 x", "'x' is no integer"),
        ("", "columns are expected"),
        ("first.jpg 001 002 003 004", "a second row of this name"),
        ("../a.jpg 001 002 003 004", "leads out of its folder"),
    ],
)
def test_a_bad_row_names_file_line_and_remedy(write, row, message):
    path = write("3", BOX_HEADER, "first.jpg 001 002 003 004", row, "z.jpg 001 002 003 004")
    with pytest.raises(AnnotationError, match=rf"list\.txt:4: .*{message}.*; correct the line or download"):
        read_boxes(path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["many", BOX_HEADER], r":1: the number of rows is expected \(got 'many'\)"),
        (["1", "img x y w h"], r":2: the header is expected: image_name x_1 y_1 x_2 y_2"),
        (["1"], r":2: the header is expected"),
        ([""], r":1: the number of rows"),
        ([BOX_HEADER, "a.jpg 001 002 003 004"], r":1: the number of rows"),
    ],
)
def test_a_file_without_its_first_two_lines_is_an_error(write, lines, message):
    with pytest.raises(AnnotationError, match=message):
        read_boxes(write(*lines))


def test_a_type_or_status_that_does_not_exist_is_an_error(write):
    with pytest.raises(AnnotationError, match="category_type 4 is none of 1, 2, 3"):
        read_categories(write("1", "category_name  category_type", "Hat  4"))
    with pytest.raises(AnnotationError, match="'trian' is none of train, val, test"):
        read_partition(write("1", "image_name  evaluation_status", "a.jpg  trian"))


def test_a_binary_file_is_an_error(tmp_path):
    (tmp_path / "list.txt").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(
        AnnotationError, match=r"list\.txt:1: byte 0xff is not UTF-8; save the file as UTF-8, or download it again$"
    ):
        read_boxes(tmp_path / "list.txt")


@pytest.mark.parametrize("folder", ["Anno_coarse", "Anno", "AnnoCoarse"])
def test_every_layout_of_the_annotations_is_read(write, tmp_path, folder):
    write("1", "category_name  category_type", "Dress  3", name=f"{folder}/list_category_cloth.txt")
    write("1", BOX_HEADER, "a.jpg 001 002 003 004", name=f"{folder}/list_bbox.txt")
    write("1", LABEL_HEADER, "a.jpg 1", name=f"{folder}/list_category_img.txt")
    annotations = read_annotations(tmp_path, with_partition=False)
    assert annotations.labels.rows == {"a.jpg": Category("Dress", 3)}
    assert annotations.partition is None
    with pytest.raises(MissingInput, match=r"list_eval_partition\.txt is in none of"):
        read_annotations(tmp_path, with_partition=True)


def test_missing_files_are_said_with_where_they_were_looked_for(tmp_path):
    with pytest.raises(MissingInput, match=r"list_category_cloth\.txt is in none of: .*Anno_coarse.*Anno"):
        read_annotations(tmp_path, with_partition=False)
