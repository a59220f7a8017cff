"""Rights to health insurance, as the SESAM-Vitale interfaces give them (facts: vitale.md §4).

A data model above the card: where a real card keeps its rights is not public. `grammar` and
`reading_api` read the two published forms into one `Rights`.
"""
