"""The one parser of e-mail addresses."""

import pytest

from opora.accounts.addresses import address_key, parse_address, parse_domain
from opora.accounts.errors import NotADomain, NotAnAddress

pytestmark = pytest.mark.rules


@pytest.mark.shows("S8.4")
@pytest.mark.parametrize(
    ("typed", "mailed", "key"),
    [
        ("jan@example.com", "jan@example.com", "jan@example.com"),
        ("Jan.Maly@Example.COM", "Jan.Maly@example.com", "jan.maly@example.com"),
        ("jan@Bücher.example", "jan@xn--bcher-kva.example", "jan@xn--bcher-kva.example"),
        ("o'neil+x@mail.example", "o'neil+x@mail.example", "o'neil+x@mail.example"),
    ],
)
def test_addresses_compare_whole_case_folded_with_the_domain_in_idna(
    typed: str, mailed: str, key: str
) -> None:
    address = parse_address(typed)
    assert (address.text, address.key) == (mailed, key)
    assert address.domain == key.rpartition("@")[2]


@pytest.mark.shows("AU-16")
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "jan",
        "jan@",
        "@example.com",
        "jan@@example.com",
        "jan@example.com@evil.example",
        "jan@example.com ",
        " jan@example.com",
        "jan maly@example.com",
        "jan@example.com\n",
        "jan\x00@example.com",
        "jan@example.com\x00.evil.example",
        '"jan"@example.com',
        '"jan@evil.example"@example.com',
        "jan(comment)@example.com",
        "jan@example.com(comment)",
        "(comment)jan@example.com",
        "=?utf-8?q?jan?=@example.com",
        "=?x?q?jan=40evil.example=3e=00?=foo@example.com",
        "<jan@example.com>",
        "Jan <jan@example.com>",
        "jan@example.com,eve@example.com",
        "jan@example.com;eve@example.com",
        "evil.example!jan@example.com",
        "jan%evil.example@example.com",
        ".jan@example.com",
        "jan.@example.com",
        "jan..maly@example.com",
        "jan@[127.0.0.1]",
        "jan@127.0.0.1",
        "jan@localhost",
        "jan@-example.com",
        "jan@example-.com",
        "jan@exa mple.com",
        "jan@exa_mple.com",
        "jan@example..com",
        "jan@.example.com",
        "jan@xn--a.com",
        "jan\\@evil.example@example.com",
        "jаn@example.com",  # a Cyrillic letter
        "jan@example.com\r\nBcc: eve@example.com",
        "a" * 65 + "@example.com",
        "jan@" + "a" * 64 + ".com",
        "jan@" + ".".join(["a" * 60] * 5),
    ],
)
def test_what_two_parsers_may_read_differently_is_no_address(text: str) -> None:
    with pytest.raises(NotAnAddress):
        parse_address(text)


@pytest.mark.shows("AU-05")
def test_an_address_that_looks_like_another_is_another() -> None:
    assert address_key("jan@examp1e.com") != address_key("jan@example.com")
    assert address_key("jan@gıthub.example") != address_key("jan@github.example")


def test_a_domain_is_kept_in_idna_and_lower_case() -> None:
    assert parse_domain("Contoso.EXAMPLE") == "contoso.example"
    with pytest.raises(NotADomain):
        parse_domain("contoso")
