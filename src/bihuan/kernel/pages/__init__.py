"""The page kit: what every room's pages share, so that a page is a declaration and one domain call.

`page` guards a view; `registry` is where rooms hang menu entries, panels, Today sections, palette actions, timeline
sources and next actions into pages of lower rooms; `lists` draws filtered, sorted, exportable lists with keyset
paging; `values` writes values the same way everywhere. docs/pages.md shows how to make a page.
"""
