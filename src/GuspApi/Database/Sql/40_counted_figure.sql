-- What indicators sum, one row for each landlord × QPV × year, is kept when written, by whatever path, at commit. Amounts are in cents.

-- What the rows of these keys should be, from holdings, declarations and their lines: the figures of the last validated version, and
-- beside them those of a version that is submitted and not validated yet.
create or replace function figures_of(sirens text[], years smallint[], qpvs text[])
returns table (
  landlord_siren text, year smallint, qpv_code text, basis text, declaration_id bigint, version int, holding_version int,
  dwellings int, abatement bigint, expense bigint, valued bigint,
  expense1 bigint, expense2 bigint, expense3 bigint, expense4 bigint, expense5 bigint, expense6 bigint, expense7 bigint, expense8 bigint,
  valued1 bigint, valued2 bigint, valued3 bigint, valued4 bigint, valued5 bigint, valued6 bigint, valued7 bigint, valued8 bigint)
language sql stable as $$
  with counted as (
    select k.landlord_siren, k.year, k.qpv_code, b.basis, d.id, b.version, b.lines_version, h.version as holding_version, h.dwellings, h.abatement
    from unnest(sirens, years, qpvs) as k (landlord_siren, year, qpv_code)
    left join holding h on (h.landlord_siren, h.year, h.qpv_code) = (k.landlord_siren, k.year, k.qpv_code)
    left join declaration d on (d.landlord_siren, d.year, d.qpv_code) = (k.landlord_siren, k.year, k.qpv_code) and d.status <> 'DELETED'
    cross join lateral (values ('VALIDATED', d.validated_version, d.validated_lines_version), ('SUBMITTED', d.version, d.lines_version))
      as b (basis, version, lines_version)
    where case b.basis when 'SUBMITTED' then d.status = 'SUBMITTED' else h.version is not null or b.version is not null end),
  spent as (
    select c.id, c.lines_version, sum(l.actual) as expense, sum(l.valued) as valued,
           sum(l.actual) filter (where l.axis = 1) as expense1, sum(l.actual) filter (where l.axis = 2) as expense2,
           sum(l.actual) filter (where l.axis = 3) as expense3, sum(l.actual) filter (where l.axis = 4) as expense4,
           sum(l.actual) filter (where l.axis = 5) as expense5, sum(l.actual) filter (where l.axis = 6) as expense6,
           sum(l.actual) filter (where l.axis = 7) as expense7, sum(l.actual) filter (where l.axis = 8) as expense8,
           sum(l.valued) filter (where l.axis = 1) as valued1, sum(l.valued) filter (where l.axis = 2) as valued2,
           sum(l.valued) filter (where l.axis = 3) as valued3, sum(l.valued) filter (where l.axis = 4) as valued4,
           sum(l.valued) filter (where l.axis = 5) as valued5, sum(l.valued) filter (where l.axis = 6) as valued6,
           sum(l.valued) filter (where l.axis = 7) as valued7, sum(l.valued) filter (where l.axis = 8) as valued8
    from (select distinct id, lines_version from counted where version is not null) c
    join expense_line l on l.declaration_id = c.id and l.version = c.lines_version
    group by c.id, c.lines_version)
  select c.landlord_siren, c.year, c.qpv_code, c.basis, case when c.version is not null then c.id end, c.version, c.holding_version,
         coalesce(c.dwellings, 0), coalesce(c.abatement * 100, 0)::bigint, coalesce(s.expense * 100, 0)::bigint, coalesce(s.valued * 100, 0)::bigint,
         coalesce(s.expense1 * 100, 0)::bigint, coalesce(s.expense2 * 100, 0)::bigint, coalesce(s.expense3 * 100, 0)::bigint, coalesce(s.expense4 * 100, 0)::bigint,
         coalesce(s.expense5 * 100, 0)::bigint, coalesce(s.expense6 * 100, 0)::bigint, coalesce(s.expense7 * 100, 0)::bigint, coalesce(s.expense8 * 100, 0)::bigint,
         coalesce(s.valued1 * 100, 0)::bigint, coalesce(s.valued2 * 100, 0)::bigint, coalesce(s.valued3 * 100, 0)::bigint, coalesce(s.valued4 * 100, 0)::bigint,
         coalesce(s.valued5 * 100, 0)::bigint, coalesce(s.valued6 * 100, 0)::bigint, coalesce(s.valued7 * 100, 0)::bigint, coalesce(s.valued8 * 100, 0)::bigint
  from counted c left join spent s on s.id = c.id and s.lines_version = c.lines_version
$$;

-- Rows that are as they should be are left alone.
create or replace function keep_figures(sirens text[], years smallint[], qpvs text[]) returns void language plpgsql as $$
begin
  with should as materialized (select * from figures_of(sirens, years, qpvs)),
  gone as (
    delete from counted_figure f using unnest(sirens, years, qpvs) as k (landlord_siren, year, qpv_code)
    where (f.landlord_siren, f.year, f.qpv_code) = (k.landlord_siren, k.year, k.qpv_code)
      and (f.landlord_siren, f.year, f.qpv_code, f.basis) not in (select landlord_siren, year, qpv_code, basis from should))
  insert into counted_figure as f (
    landlord_siren, year, qpv_code, basis,
    declaration_id, version, holding_version, dwellings, abatement, expense, valued, expense1,
    expense2, expense3, expense4, expense5, expense6, expense7, expense8, valued1,
    valued2, valued3, valued4, valued5, valued6, valued7, valued8)
  select * from should
  on conflict (year, qpv_code, landlord_siren, basis) do update set (
      declaration_id, version, holding_version, dwellings, abatement, expense, valued, expense1,
      expense2, expense3, expense4, expense5, expense6, expense7, expense8, valued1,
      valued2, valued3, valued4, valued5, valued6, valued7, valued8) = (
      excluded.declaration_id, excluded.version, excluded.holding_version, excluded.dwellings, excluded.abatement, excluded.expense, excluded.valued, excluded.expense1,
      excluded.expense2, excluded.expense3, excluded.expense4, excluded.expense5, excluded.expense6, excluded.expense7, excluded.expense8, excluded.valued1,
      excluded.valued2, excluded.valued3, excluded.valued4, excluded.valued5, excluded.valued6, excluded.valued7, excluded.valued8)
  where (
      f.declaration_id, f.version, f.holding_version, f.dwellings, f.abatement, f.expense, f.valued, f.expense1,
      f.expense2, f.expense3, f.expense4, f.expense5, f.expense6, f.expense7, f.expense8, f.valued1,
      f.valued2, f.valued3, f.valued4, f.valued5, f.valued6, f.valued7, f.valued8) is distinct from (
      excluded.declaration_id, excluded.version, excluded.holding_version, excluded.dwellings, excluded.abatement, excluded.expense, excluded.valued, excluded.expense1,
      excluded.expense2, excluded.expense3, excluded.expense4, excluded.expense5, excluded.expense6, excluded.expense7, excluded.expense8, excluded.valued1,
      excluded.valued2, excluded.valued3, excluded.valued4, excluded.valued5, excluded.valued6, excluded.valued7, excluded.valued8);
end
$$;

-- After judge_change_set, whose lock of the landlord makes writers of one key follow one another: each sees what the one before wrote.
-- Before number_change_set, whose lock is everybody's.
create or replace function keep_figures_of_change_set() returns trigger language plpgsql as $$
declare
  sirens text[]; years smallint[]; qpvs text[];
begin
  select array_agg(split_part(object_key, '/', 1)), array_agg(split_part(object_key, '/', 2)::smallint), array_agg(split_part(object_key, '/', 3))
  into sirens, years, qpvs
  from (select distinct object_key from change where change_set_id = new.id and object_type in ('declaration', 'holding')) keys;
  if sirens is not null then
    perform keep_figures(sirens, years, qpvs);
  end if;
  return null;
end
$$;

drop trigger if exists keep_figures on change_set;
create constraint trigger keep_figures after insert on change_set
  deferrable initially deferred for each row execute function keep_figures_of_change_set();

-- For the operator: the keys whose rows are not what the lines give, and all rows made anew.
create or replace function wrong_figures() returns table (landlord_siren text, year smallint, qpv_code text) language sql stable as $$
  with key as (
    select landlord_siren, year, qpv_code from holding
    union select landlord_siren, year, qpv_code from declaration
    union select landlord_siren, year, qpv_code from counted_figure),
  should as (
    select f.* from (select array_agg(landlord_siren) as sirens, array_agg(year) as years, array_agg(qpv_code) as qpvs from key) k,
      figures_of(k.sirens, k.years, k.qpvs) f),
  kept as (
    select landlord_siren, year, qpv_code, basis, declaration_id, version, holding_version, dwellings, abatement, expense, valued,
           expense1, expense2, expense3, expense4, expense5, expense6, expense7, expense8, valued1, valued2, valued3, valued4, valued5, valued6, valued7, valued8
    from counted_figure)
  select distinct landlord_siren, year, qpv_code
  from ((table should except table kept) union all (table kept except table should)) differing
  order by landlord_siren, year, qpv_code
$$;

create or replace function rebuild_figures() returns bigint language plpgsql as $$
declare
  made bigint;
begin
  -- Writers wait: what they would keep meanwhile is made here.
  lock table counted_figure in exclusive mode;
  delete from counted_figure;
  perform keep_figures(array_agg(landlord_siren), array_agg(year), array_agg(qpv_code))
  from (select landlord_siren, year, qpv_code from holding union select landlord_siren, year, qpv_code from declaration) keys
  having count(*) > 0;
  select count(*) into made from counted_figure;
  return made;
end
$$;

select rebuild_figures();
