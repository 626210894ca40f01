"""Scans and replies keep languages that are read here, and no others that somebody sent."""

from kit import schema

revision = "0009"
down_revision = "0008"

# As domain/scan.py has it from now on: languages of our pages and of the area, regions cut off.
# Traditional Chinese is told by its script, or by where it is written so.
_KNOWN = """
    create function pg_temp.known(tag text, area_locales text[], other text) returns text
    language sql immutable as $$
        select case
            when tag = '' then ''
            when split_part(tag, '-', 1) = 'zh' then
                case when tag ~ '-Hant' or (tag !~ '-Hans' and tag ~ '-(TW|HK|MO)')
                     then 'zh-Hant' else 'zh-Hans' end
            when split_part(tag, '-', 1) = any('{ja,en,ko,fr,de,es,th,vi,id}')
                then split_part(tag, '-', 1)
            else coalesce((select each from unnest(area_locales) as each
                           where split_part(each, '-', 1) = split_part(tag, '-', 1) limit 1), other)
        end
    $$
"""


def upgrade() -> None:
    """Cuts what is kept; what was counted of it stays as it was told."""
    schema.execute(_KNOWN)
    schema.execute(
        """
        update scans set
            requested_locale = pg_temp.known(requested_locale, areas.locales, 'other'),
            served_locale = pg_temp.known(served_locale, areas.locales, 'other')
        from areas where areas.area = scans.area
        """
    )
    schema.execute(
        """
        update replies set locale = pg_temp.known(locale, areas.locales, 'und')
        from areas where areas.area = replies.area and locale <> 'und'
        """
    )


def downgrade() -> None:
    """Nothing to take back: what was cut off is gone."""
