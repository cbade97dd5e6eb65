-- What the days of a campaign mean for declarations: whole days in Paris, the last included. Nothing of it is stored, so moving a day
-- moves what follows from it. Each is one plain SELECT, which the planner inlines under LATERAL.

-- Why its landlord may not write (save, submit, delete) a declaration on a day: one row, or none. What a reviewer sent back is not barred,
-- and nobody is on no day (null, for admin).
create or replace function campaign_bar(of_year smallint, status text, day date)
returns table (code text, value text, expected text) language sql stable parallel safe as $$
  select case when day < c.opens_on then 'CAMPAIGN_NOT_OPEN' else 'CAMPAIGN_CLOSED' end, day::text,
         c.opens_on || '…' || coalesce(c.closes_on::text, '')
  from campaign c
  where c.year = of_year and status is distinct from 'CHANGES_REQUESTED' and (day < c.opens_on or day > c.closes_on)
$$;

-- When each declaration was submitted, every time; the first one counts.
create or replace view submission as
  select v.declaration_id, s.at, s.revision
  from declaration_version v join change_set s on s.id = v.change_set_id
  where v.status not in ('DRAFT', 'DELETED');

-- Late is what was first submitted after the end of the due day.
create or replace function is_late(first_submitted timestamptz, due_on date) returns boolean language sql stable parallel safe as $$
  select first_submitted >= (due_on + 1)::timestamp at time zone 'Europe/Paris'
$$;

-- Whether one declaration is late, or was at a revision: no row when it was never submitted, or when its year has no campaign.
create or replace function lateness(of_declaration bigint, of_year smallint, as_of bigint)
returns table (late boolean) language sql stable parallel safe as $$
  select is_late(min(s.at), c.due_on)
  from campaign c join submission s on s.declaration_id = of_declaration
  where c.year = of_year and (as_of is null or s.revision <= as_of)
  group by c.due_on
$$;
