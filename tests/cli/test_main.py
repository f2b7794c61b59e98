"""The entry of the command line: usage, sentences, exit codes; what preparation promises."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from opora.cli.main import COMMANDS, main
from tests.databases import child_environment
from tests.installation import OPORA, Installation


def opora(
    data_dir: Path, *arguments: str, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`opora ARGUMENTS` from the root folder, on SQLite."""
    return subprocess.run(
        [OPORA, *arguments],
        env=child_environment(data_dir, "") | (settings or {}),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.rules
def test_every_command_is_there_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert callable(import_module(f"opora.cli.{name}").add_parser), name
        with pytest.raises(SystemExit) as leaving:
            main([name, "--help"])
        assert leaving.value.code == 0
        assert f"opora {name}" in capsys.readouterr().out


@pytest.mark.rules
@pytest.mark.parametrize("words", [[], ["no-such"], ["serve", "--port", "0"], ["backup"]])
def test_wrong_usage_exits_2_and_prints_nothing_on_standard_output(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(words)
    printed = capsys.readouterr()
    assert leaving.value.code == 2
    assert printed.out == ""
    assert "usage: opora" in printed.err


@pytest.mark.rules
def test_words_that_are_no_utf_8_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["organizations", "add", "--name", "a\udcffb", "--domain", "a.example"])
    printed = capsys.readouterr()
    assert leaving.value.code == 2
    assert printed.out == ""
    assert "UTF-8" in printed.err


def test_help_and_version_need_no_settings(tmp_path: Path) -> None:
    for word in ("--help", "--version"):
        done = opora(tmp_path / "data", word, settings={"OPORA_PUBLIC_URL": "http://example.com"})
        assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"OPORA_PUBLIC_URL": "http://support.example.com"},
            "opora: Settings: OPORA_PUBLIC_URL is http://support.example.com: "
            "a public address must be https\n",
        ),
        (
            {"OPORA_SECRET_KEY": "short-secret"},
            "opora: Settings: OPORA_SECRET_KEY: the secret key needs at least 32 characters\n",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence_that_holds_no_secret(
    settings: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    done = opora(tmp_path / "data", "verify", settings=settings)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


@pytest.mark.shows("OP-04")
def test_a_database_that_does_not_answer_is_a_sentence_without_its_password(
    tmp_path: Path,
) -> None:
    url = "postgresql://opora:correct-horse@127.0.0.1:1/opora"
    done = opora(tmp_path / "data", "verify", settings={"OPORA_DATABASE_URL": url})
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("opora: The database cannot be used: ")
    assert "correct-horse" not in done.stderr


@pytest.mark.slow("prepares an empty folder, which makes every table")
def test_two_commands_on_an_empty_folder_at_once_both_succeed(tmp_path: Path) -> None:
    environment = child_environment(tmp_path / "data", "")
    commands = [
        subprocess.Popen(
            [OPORA, "verify", "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for command in commands:
        out, err = command.communicate(timeout=120)
        assert command.returncode == 0, err
        assert json.loads(out)["holds"] is True


def test_an_up_to_date_database_costs_one_small_read(installation: Installation) -> None:
    installation.run("plans", "list", "--json")
    lock = installation.data_dir / "prepare.lock"
    lock.unlink(missing_ok=True)
    installation.run("plans", "list", "--json")
    assert not lock.exists()


def test_never_leaves_preparation_to_serve(tmp_path: Path) -> None:
    done = opora(tmp_path / "data", "verify", settings={"OPORA_MIGRATE": "never"})
    assert done.returncode == 1
    assert done.stderr == (
        "opora: The database is not up to date; start `opora serve` to bring it up to date.\n"
    )


def test_a_database_of_a_newer_opora_is_left_alone(installation: Installation) -> None:
    _sql(
        installation,
        "INSERT INTO django_migrations (app, name, applied) "
        "VALUES ('core', '9999_from_the_future', CURRENT_TIMESTAMP)",
        "UPDATE core_installation SET fingerprint = 'newer'",
    )
    done = installation.run("verify", status=1)
    assert done.stderr == (
        "opora: The database was made by a newer Opora (core.9999_from_the_future); "
        "install that one again.\n"
    )


def test_a_broken_pipe_is_no_error(installation: Installation) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{OPORA} verify | true"],
        env=installation.env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.shows("I7")
def test_verify_names_a_breach_and_exits_1(installation: Installation) -> None:
    installation.run("verify")
    _sql(
        installation,
        "INSERT INTO core_job (kind, key, payload, state, created_at, run_after, tries, lease, "
        "last_error) VALUES ('mail.case_receipt', '', '{}', 'dead', CURRENT_TIMESTAMP, "
        "CURRENT_TIMESTAMP, 8, '', '')",
    )
    done = installation.run("verify", status=1)
    assert "BREACH" in done.stdout
    assert "is past its last try, and no alarm was sounded" in done.stdout
    document = json.loads(installation.run("verify", "--json", status=1).stdout)
    assert document["holds"] is False


def _sql(installation: Installation, *statements: str) -> None:
    """Change the rows behind Opora's back."""
    program = (
        "import sys, django; django.setup(); from django.db import connection\n"
        "for each in sys.argv[1:]: connection.cursor().execute(each)"
    )
    subprocess.run(
        [sys.executable, "-c", program, *statements],
        env=installation.env | {"DJANGO_SETTINGS_MODULE": "opora.config.settings"},
        check=True,
        timeout=60,
    )
