"""The description of a site: what it says of people, and where a mistake in it stands."""

import re
from pathlib import Path

import pytest
from tests.support.rosters import rpps

from cardio.catalogue.values import Contract, Credential
from cardio.errors import ConfigurationError
from cardio.identity.finess import Finess
from cardio.identity.rpps import Rpps
from cardio.study.roster.fields import Field
from cardio.study.roster.people import Person
from cardio.study.site import Intent, Sites, Told
from cardio.study.site_file import read_sites

ROOT = Path(__file__).parents[2]

GOOD = f"""\
name = "CPTS d'essai"

[[site]]
id = "centre"
name = "Centre de santé d'essai"
finess = "099999997"
finess_entity = "0B0309829"
sector = "SA05"
fund = "091"
has = ["ORG_AUTH_CLI"]
lacks = ["ORG_SIGN"]
signed = ["ans_adhesion_finess_juridique"]

[[site.network]]
name = "filaire"
internet = "yes"

[[site.workstation]]
id = "accueil"
place = "Accueil, rez-de-chaussée"
network = "filaire"
report = "0123456789abcdef"

[[site.workstation]]
id = "cabinet-1"
remote = "no"

[[site.plan]]
services = ["insi"]
workstations = ["accueil"]

[[site.plan]]
professions = ["10", "40"]
services = ["amelipro-aat", "insi"]
workstations = ["cabinet-1"]
unsigned = ["amelipro_account"]

[[site.plan]]
roles = ["Référente BSI"]
people = ["{rpps(1)}"]
services = ["amelipro-bsi"]
has = ["eCPS"]

[[site]]
id = "annexe"
name = "Annexe"
finess = "099999989"
"""

AS_YAML = f"""\
name: CPTS d'essai
site:
  - id: centre
    name: Centre de santé d'essai
    finess: "099999997"
    finess_entity: 0B0309829
    sector: SA05
    fund: "091"
    has: [ORG_AUTH_CLI]
    lacks: [ORG_SIGN]
    signed: [ans_adhesion_finess_juridique]
    network:
      - {{name: filaire, internet: "yes"}}
    workstation:
      - id: accueil
        place: Accueil, rez-de-chaussée
        network: filaire
        report: 0123456789abcdef
      - {{id: cabinet-1, remote: "no"}}
    plan:
      - {{services: [insi], workstations: [accueil]}}
      - professions: ["10", "40"]
        services: [amelipro-aat, insi]
        workstations: [cabinet-1]
        unsigned: [amelipro_account]
      - roles: [Référente BSI]
        people: ["{rpps(1)}"]
        services: [amelipro-bsi]
        has: [eCPS]
  - id: annexe
    name: Annexe
    finess: "099999989"
"""


def sites(folder: Path, text: str = GOOD, name: str = "site.toml") -> Sites:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_sites(path, {"insi", "amelipro-aat", "amelipro-bsi"})


def test_yaml_says_the_same(tmp_path: Path) -> None:
    toml, yaml = sites(tmp_path), sites(tmp_path, AS_YAML, "site.yaml")
    for one, other in zip(toml.sites, yaml.sites, strict=True):
        assert one.workstations == other.workstations
        assert one.networks == other.networks
        assert one.means == other.means
        assert [plan.services for plan in one.plans] == [plan.services for plan in other.plans]
    assert [plan.line for plan in yaml.sites[0].plans] == [21, 22, 26]


def test_the_site_of_the_page_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/roster.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert [len(site.plans) for site in sites(tmp_path, shown).sites] == [2]


def test_whose_site_somebody_is_of(tmp_path: Path) -> None:
    found = sites(tmp_path)
    centre, annexe = found.sites
    assert found.of(Person(2, finess=Finess("099999989"))) is annexe
    assert found.of(Person(2)) is None
    assert found.defaults == {}
    assert (centre.networks[0].internet, centre.networks[0].proxy) == (Told.YES, Told.UNKNOWN)


def test_plans_add_up(tmp_path: Path) -> None:
    centre = sites(tmp_path).sites[0]
    assert centre.intent(Person(2, profession="60")).services == ("insi",)
    doctor = centre.intent(Person(2, profession="10"))
    assert doctor.services == ("insi", "amelipro-aat")
    assert doctor.workstations == ("accueil", "cabinet-1")
    assert doctor.means.contracts == {
        Contract.ANS_ADHESION: True,
        Contract.AMELIPRO_ACCOUNT: False,
    }
    nurse = Person(2, profession="60", role="RÉFÉRENTE  BSI", rpps=Rpps(rpps(1)))
    assert centre.intent(nurse).services == ("insi", "amelipro-bsi")
    assert centre.intent(nurse).means.credentials[Credential.E_CPS] is True
    assert centre.intent(Person(2, role="Référente BSI")).services == ("insi",)


def test_no_number_is_shown(tmp_path: Path) -> None:
    assert rpps(1) not in repr(sites(tmp_path))


def test_the_only_site_takes_those_who_tell_none(tmp_path: Path) -> None:
    text = 'name = "x"\n[[site]]\nid = "a"\nname = "A"\nfund = "091"\n'
    found = sites(tmp_path, text)
    assert found.of(Person(2)) is found.sites[0]
    assert found.of(Person(2, finess=Finess("099999997"))) is found.sites[0]
    assert found.defaults == {Field.FUND: "091"}
    elsewhere = sites(tmp_path, f'{text}finess = "099999997"\n')
    assert elsewhere.of(Person(2, finess=Finess("099999989"))) is None
    assert elsewhere.of(Person(2)) is elsewhere.sites[0]


def test_nobody_in_a_site_without_plans_is_to_use_anything(tmp_path: Path) -> None:
    assert sites(tmp_path).sites[1].intent(Person(2)) == Intent()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('sector = "SA05"', 'sector = "SA99"', r"line 8: 'sector' is 'SA99'; allowed: SA01"),
        ('finess = "099999997"', 'finess = "1"', "line 6: 'finess' must be a FINESS number"),
        ('"filaire"\nrep', '"wifi"\nrep', "line 21: 'network' is 'wifi'; allowed: filaire"),
        ('["accueil"]', '["entrée"]', "line 30: 'workstations' has 'entrée'; allowed: accueil"),
        ('["insi"]', '["insy"]', "line 29: 'services' has 'insy'; allowed: amelipro-aat"),
        ('"10", "40"', '"10", "99"', "line 33: 'professions' has '99'"),
        (rpps(1), "12", "line 40: 'people' number 1 is neither"),
        ('internet = "yes"', 'internet = "oui"', "line 16: 'internet' is 'oui'; allowed: no, un"),
        ('id = "cabinet-1"', 'id = "accueil"', "'workstation' has the same id"),
        ('"099999989"', '"099999997"', "'site' has the same id, name or FINESS twice"),
        ('lacks = ["ORG_SIGN"]', 'lacks = ["ORG_AUTH_CLI"]', "line 11: 'lacks' has 'ORG_AUTH_CLI'"),
        ('fund = "091"', "fund = 91", "line 9: 'fund' must be a text in quotes"),
        ('fund = "091"', 'funds = "091"', "line 9: 'funds' is unknown; allowed here: finess"),
        ('name = "CPTS', "name = CPTS", "line 1"),
    ],
)
def test_a_mistake_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError) as refused:
        sites(tmp_path, GOOD.replace(old, new, 1))
    assert problem in str(refused.value)
    assert rpps(1) not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (AS_YAML.replace('"091"', "071"), "line 8: 'fund' must be a text in quotes"),
        (AS_YAML.replace("SA05", "SA99"), "line 7: 'sector' is 'SA99'"),
        (AS_YAML.replace("[insi]", "[insy]"), "line 21: 'services' has 'insy'"),
        ("a: &a [1]\nb: *a\n", "line 2: '*' (an alias) is not read"),
        ("a: [1\n", "no YAML"),
        ("a: 2025-13-45\n", "no YAML"),
        ("- a\n", "must hold keys and values"),
        ("[" * 1200, "no YAML"),
    ],
)
def test_a_mistake_in_yaml_is_refused_with_its_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        sites(tmp_path, text, "site.yml")
    assert problem in str(refused.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_sites(tmp_path / "nowhere.toml")
    (tmp_path / "site.toml").write_bytes(b"name = \xe9")
    with pytest.raises(ConfigurationError, match="is not UTF-8 at byte 7"):
        read_sites(tmp_path / "site.toml")
