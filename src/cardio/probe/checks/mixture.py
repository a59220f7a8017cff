"""Are test cards and real cards kept apart?"""

from cardio.probe.check import Finding, failed, passed, warned
from cardio.probe.facts import WorkstationFacts


def mixture(facts: WorkstationFacts) -> Finding:
    """Does a test card stand beside a real one?

    A CPS tells its category (facts: nomenclatures.tsv G01). Of a Vitale only a test NIR is
    certain; one without may be real or not, hence a warning and no failure beside a test CPS.
    """
    cps = {reader.cps.is_test for reader in facts.readers if reader.cps}
    vitale = {reader.vitale.is_test for reader in facts.readers if reader.vitale}
    test, real = True in cps | vitale, False in cps
    if test and real:
        return failed("mixed")
    if True in cps | vitale and False in vitale:
        return warned("maybe-mixed")
    if test:
        return passed("all-test")
    return passed("no-test")
