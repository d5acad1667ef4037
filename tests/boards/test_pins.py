import pytest

from fashiongen.boards.pins import is_signature, resize, signature_of

SIGNATURE = "0123456789abcdef0123456789abcdef"
PATH = f"01/23/45/{SIGNATURE}.jpg"


@pytest.mark.parametrize("size", ["236x", "474x", "736x", "originals"])
def test_the_signature_is_the_same_in_every_size(size):
    assert signature_of(f"https://i.pinimg.com/{size}/{PATH}") == SIGNATURE


@pytest.mark.parametrize("url", ["", "https://i.pinimg.com/236x/nope.jpg", f"https://x.test/a/{SIGNATURE}.jpg"])
def test_an_address_of_another_form_has_no_signature(url):
    assert signature_of(url) is None


def test_an_avatar_has_no_signature():
    assert signature_of(f"https://i.pinimg.com/75x75_RS/{PATH}") is None


def test_resizing_changes_the_size_and_nothing_else():
    small = f"https://i.pinimg.com/236x/{PATH}"
    assert resize(small, "originals") == f"https://i.pinimg.com/originals/{PATH}"
    assert resize(resize(small, "originals"), "236x") == small


@pytest.mark.parametrize("text", [None, 7, "", SIGNATURE.upper(), SIGNATURE + "\n", "../" * 10 + "ab", SIGNATURE[:-1]])
def test_only_32_lower_case_hexadecimal_digits_name_a_file(text):
    assert is_signature(SIGNATURE)
    assert not is_signature(text)
