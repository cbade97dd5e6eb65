-- A holding makes a declaration expected. It is received once submitted, in review, sent back or validated, or while its validated version
-- still counts; a draft is in no column: counts of this are for everybody. First submissions are grouped once, not looked for row by row.
create or replace view expected_declaration as
  select h.landlord_siren, h.year, h.qpv_code, h.dwellings, h.abatement, c.due_on, c.year is not null as has_campaign,
         d.id is not null as received, d.validated_version is not null as validated,
         is_late(s.first, c.due_on) as late
  from holding h
  left join campaign c on c.year = h.year
  left join declaration d on (d.landlord_siren, d.year, d.qpv_code) = (h.landlord_siren, h.year, h.qpv_code)
    and (d.status in ('SUBMITTED', 'CHANGES_REQUESTED', 'VALIDATED') or d.validated_version is not null)
  left join (select declaration_id, min(at) as first from submission group by declaration_id) s on s.declaration_id = d.id;

-- The expected declarations that were not received, of the caller's own perimeter: all for admin, its own for a landlord, those of its
-- départements for a reviewer. What there is instead (state) is told to who may see drafts.
create or replace function missing_declaration(sees_everything boolean, sees_landlords text[], sees_departments text[])
returns table (landlord_siren text, year smallint, qpv_code text, dwellings int, abatement numeric, due_on date, state text)
language sql stable parallel safe as $$
  select e.landlord_siren, e.year, e.qpv_code, e.dwellings, e.abatement, e.due_on,
         case when sees_everything or e.landlord_siren = any (sees_landlords) then coalesce(d.status, 'NONE') end
  from expected_declaration e
  join qpv q on q.code = e.qpv_code
  left join seen_declaration(sees_everything, sees_landlords, sees_departments) d
    on (d.landlord_siren, d.year, d.qpv_code) = (e.landlord_siren, e.year, e.qpv_code)
  where not e.received
    and (sees_everything or e.landlord_siren = any (sees_landlords) or q.department_code = any (sees_departments))
$$;
