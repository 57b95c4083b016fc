from pathlib import Path

import pytest

from chorsu.config.node import SettingsError, read_settings


def write(folder: Path, text: str) -> dict[str, str]:
    path = folder / "chorsu.toml"
    path.write_text(text, encoding="utf-8")
    return {"CHORSU_CONFIG": str(path)}


def test_file_values_are_read_and_typed(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, "[web]\nport = 8123\nhosts = ['a.example']\n"))

    assert settings.number("web.port") == 8123
    assert settings.list("web.hosts") == ("a.example",)
    assert settings.flag("web.debug") is False


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    environment = write(tmp_path, "[web]\nport = 8123\n") | {"CHORSU_WEB_PORT": "9000"}

    assert read_settings(environment).number("web.port") == 9000


def test_data_folder_counts_from_the_file(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, "[node]\ndata_dir = 'here'\n"))

    assert settings.data_dir == tmp_path / "here"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[web]\nport = 0\n", "web.port"),
        ("[web]\nport = '80 '\n", "web.port"),
        ("[web]\nport = true\n", "web.port"),
        ("[web]\nprot = 80\n", "web.prot"),
        ("[node]\nname = 'Beijing'\n", "node.name"),
        ("[node]\naddress = 'ftp://x.example'\n", "node.address"),
        ("[node]\naddress = ''\n", "node.address"),
        ("[node]\naddress = 'https://u:p@x.example'\n", "node.address"),
        ("[node]\naddress = 'https://x.example:99999'\n", "node.address"),
        ("[node]\naddress = 'https://x example'\n", "node.address"),
        ("[node]\ninstitution = 'The Academy'\n", "node.institution"),
        ("[node]\ntime_zone = 'Mars/Base'\n", "node.time_zone"),
        ("[node]\ntime_zone = '../../etc/passwd'\n", "node.time_zone"),
        ("[database]\nurl = 'mysql://x/y'\n", "database.url"),
        ("[database]\nurl = 'postgresql://x'\n", "database.url"),
        ("[web]\nbind = 'all of them'\n", "web.bind"),
        ("[mail]\nurl = 'mail.example'\n", "mail.url"),
        ("[mail]\nurl = 'smtp://mail.example:99999'\n", "mail.url"),
        ("[mail]\nsender = 'nobody'\n", "mail.sender"),
        ("[node]\nlanguage = 'de'\n", "node.language"),
        ("[search]\nembedder = 'word2vec'\n", "search.embedder"),
        ("[search]\nembedder = 'openai'\n", "search.embedder_url is missing"),
        (
            "[search]\nembedder = 'openai'\nembedder_url = 'https://e.example/v1'\n"
            "embedder_model = 'm'\n",
            "search.embedder_dimensions is missing",
        ),
        (
            "[search]\nembedder = 'sentence-transformers'\n",
            "search.embedder_model is missing",
        ),
        ("[search]\nembedder_url = 'e.example/v1'\n", "search.embedder_url"),
        ("[search]\nembedder_url = 'https://u:p@e.example/v1'\n", "search.embedder_url"),
        ("[search]\nembedder_url = 'https://e.example/v1?key=1'\n", "search.embedder_url"),
        ("[search]\nembedder_dimensions = 4001\n", "search.embedder_dimensions"),
        ("[search]\nembedder_batch = 0\n", "search.embedder_batch"),
        ("[search]\nembedder_timeout_seconds = 0\n", "search.embedder_timeout_seconds"),
        ("[search]\nembedder_audience = 'everybody'\n", "search.embedder_audience"),
        ("[search]\nembedder_model = 'a\\nb'\n".replace("'", '"'), "search.embedder_model"),
        ("[search]\nembedder_query_prefix = 5\n", "search.embedder_query_prefix"),
        ("[search]\nembedder_key = 'a'\nembedder_key_file = 'b'\n", "are both set"),
        ("[blobs]\nstore = 'tape'\n", "blobs.store"),
        ("[blobs]\nstore = 's3'\n", "blobs.s3_bucket is missing"),
        ("[blobs]\ns3_bucket = 'Our Files'\n", "blobs.s3_bucket"),
        ("[blobs]\ns3_endpoint = 's3.example'\n", "blobs.s3_endpoint"),
        ("[blobs]\ns3_prefix = '../other'\n", "blobs.s3_prefix"),
        ("[blobs]\ns3_region = 'Here, there'\n", "blobs.s3_region"),
        ("[blobs]\ns3_access_key = 'key'\n", "blobs.s3_secret_key"),
        ("port = 80\n", "port"),
        ("[web\n", "TOML"),
    ],
)
def test_malformed_setting_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_settings(write(tmp_path, text))


def test_addresses_of_every_useful_form_are_taken(tmp_path: Path) -> None:
    text = (
        "[node]\naddress = 'https://[2001:db8::1]:8443/'\n"
        "[database]\nurl = 'postgresql://postgres@/beijing?host=%2Ftmp%2Fsocket'\n"
        "[web]\nbind = '::'\n"
        "[mail]\nurl = 'smtps://user:p%40ss@mail.example'\nsender = 'Chorsu <c@x.example>'\n"
    )

    settings = read_settings(write(tmp_path, text))

    assert settings.text("node.address") == "https://[2001:db8::1]:8443"
    assert settings.text("database.url").endswith("?host=%2Ftmp%2Fsocket")
    assert settings.text("web.bind") == "::"
    assert settings.text("mail.sender") == "Chorsu <c@x.example>"


def test_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        read_settings({"CHORSU_CONFIG": str(tmp_path / "none.toml")})


def test_unknown_setting_in_the_environment_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="CHORSU_WEB_PROT"):
        read_settings({"CHORSU_WEB_PROT": "80"})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("CHORSU_BLOBS_S3_SECRET_KEY", "sesame two"),
        ("CHORSU_MAIL_URL", "imap://chorsu:sesame@mail.example.org"),
        ("DATABASE_URL", "postgresql://chorsu:sesame/1@localhost/chorsu"),
    ],
)
def test_a_malformed_secret_is_not_repeated(name: str, given: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: what is set") as refused:
        read_settings({name: given})

    assert "sesame" not in str(refused.value)
