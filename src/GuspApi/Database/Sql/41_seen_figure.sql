-- What counts for a caller who asks for what is submitted: a version not validated yet, of those whose declaration it sees as it stands
-- (see seen_declaration: admin, its landlord, its reviewers, since it is submitted); the last validated version of all others.
create or replace function seen_figure(sees_everything boolean, sees_landlords text[], sees_departments text[])
returns setof counted_figure language sql stable parallel safe as $$
  select f.*
  from counted_figure f
  join qpv q on q.code = f.qpv_code
  cross join lateral (
    select sees_everything or f.landlord_siren = any (sees_landlords) or q.department_code = any (sees_departments) as is_current) sight
  where case f.basis
    when 'SUBMITTED' then sight.is_current
    else not sight.is_current
      or (f.landlord_siren, f.year, f.qpv_code) not in (select landlord_siren, year, qpv_code from counted_figure where basis = 'SUBMITTED') end
$$;
