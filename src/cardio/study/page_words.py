"""What the pages of a study say of its values, in one language."""

from dataclasses import dataclass

from cardio.locale import Translator
from cardio.study import site_wide, told, wording
from cardio.study.conduct import Outcome
from cardio.study.places import NOWHERE
from cardio.study.result import Cause, PersonResult
from cardio.study.roster import wording as roster_wording
from cardio.study.roster.mistakes import Mistake
from cardio.study.roster.rules import RosterRule
from cardio.study.site import Site
from cardio.study.tally import Tally


@dataclass(frozen=True, slots=True)
class PageWords:
    """`say` in the templates."""

    outcome: Outcome
    text: Translator

    def site(self, site: str | None) -> str:
        """A site's name, by its id."""
        if site is None or site == NOWHERE.id:
            return self.text("study.nowhere")
        found = self.outcome.by_site.get(site)
        return found[0].name if found else site

    def profession(self, code: str | None) -> str:
        return told.profession(code, self.text)

    def because(self, cause: Cause) -> str:
        return told.because(cause, self.text)

    def advice(self, cause: Cause) -> str:
        return wording.advice(cause.answer, self.text)

    def said_by(self, cause: Cause) -> str:
        return wording.said_by(cause.answer.condition, self.text)

    def is_old(self, cause: Cause) -> bool:
        """Whether the rule is to be shown with its date."""
        return cause.answer.condition.is_old(self.outcome.created.date())

    def mistake(self, one: Mistake) -> str:
        return roster_wording.told(one, self.text)

    def rule(self, one: RosterRule) -> str:
        return roster_wording.rule(one, self.text)

    def wants(self, person: PersonResult) -> list[Cause]:
        """What keeps somebody from being ready, each reason once."""
        found = {self.because(one): one for service in person.services for one in service.causes}
        return list(found.values())

    def insi(self, site: Site, tally: Tally) -> site_wide.InsiNeeds | None:
        return site_wide.insi(site, tally)

    def insi_names(self) -> str:
        """The names that the certificate may have."""
        return " / ".join(site_wide.CERTIFICATE_NAMES)

    def fami(self, site: Site, tally: Tally) -> list[site_wide.Indicator]:
        return list(site_wide.fami(site, tally))

    def met(self, indicator: site_wide.Indicator) -> str:
        """Yes, no, or not known."""
        words = {True: "true", False: "false", None: "none"}
        return self.text(f"study.met.{words[indicator.is_met]}")

    def referents(self, tally: Tally) -> site_wide.Referents | None:
        return site_wide.referents(tally)
