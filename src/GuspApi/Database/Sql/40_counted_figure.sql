-- What indicators sum, one row for each landlord × QPV × year, is kept when written, by whatever path, at commit. Amounts are in cents.

-- What the rows of these keys should be, from holdings, declarations and their lines: the figures of the last validated version, and
-- beside them those of a version that is submitted and not validated yet. Amounts are in all and by axis, of all lines and then of the
-- specific ones alone, in the order of the table's columns. Lines are summed by family first, and looked up declaration by declaration:
-- no plan for so few or so many keys can go wrong.
drop function if exists figures_of(text[], smallint[], text[]);
do $do$
declare
  of_family text; of_both text; columns text;
begin
  select string_agg(format('sum(l.%s) filter (where %s) as %s', case amount when 'expense' then 'actual' else 'valued' end,
                           case axis when 0 then 'true' else 'l.axis = ' || axis end, name), ', '),
         string_agg(format('sum(f.%1$s) as %1$s, sum(f.%1$s) filter (where f.is_specific) as %2$s', name, specific), ', ')
  into of_family, of_both
  from (values ('expense'), ('valued')) amounts (amount), generate_series(0, 8) axis,
    lateral (select amount || coalesce(nullif(axis, 0)::text, '') as name, amount || '_specific' || coalesce(nullif(axis, 0)::text, '') as specific) names;

  select string_agg(format('coalesce(s.%I * 100, 0)::bigint', attname), ', ' order by attnum) into columns
  from pg_attribute where attrelid = 'counted_figure'::regclass and attname ~ '^(expense|valued)';

  execute format($text$
    create function figures_of(sirens text[], years smallint[], qpvs text[]) returns setof counted_figure language sql stable as $$
      select k.landlord_siren, k.year, k.qpv_code, b.basis, case when b.version is not null then d.id end, b.version, h.version,
             coalesce(h.dwellings, 0), coalesce(h.abatement * 100, 0)::bigint, %3$s
      from unnest(sirens, years, qpvs) as k (landlord_siren, year, qpv_code)
      left join holding h on (h.landlord_siren, h.year, h.qpv_code) = (k.landlord_siren, k.year, k.qpv_code)
      left join declaration d on (d.landlord_siren, d.year, d.qpv_code) = (k.landlord_siren, k.year, k.qpv_code) and d.status <> 'DELETED'
      cross join lateral (values ('VALIDATED', d.validated_version, d.validated_lines_version), ('SUBMITTED', d.version, d.lines_version))
        as b (basis, version, lines_version)
      left join lateral (
        select %2$s
        from (
          select l.family = 'SPECIFIC' as is_specific, %1$s
          from expense_line l
          where l.declaration_id = d.id and l.version = b.lines_version
          group by 1) f) s on b.version is not null
      where case b.basis when 'SUBMITTED' then d.status = 'SUBMITTED' else h.version is not null or b.version is not null end
    $$ $text$, of_family, of_both, columns);
end
$do$;

-- Rows that are as they should be are left alone ("not in": looked up in a hash, where PostgreSQL would compare each with each if it expected
-- few). What went and what came is summed (42_summed_figure).
create or replace function keep_figures(sirens text[], years smallint[], qpvs text[]) returns void language plpgsql set work_mem = '64MB' as $$
declare
  should counted_figure[]; was counted_figure[]; become counted_figure[];
begin
  perform plan_for(cardinality(sirens));
  should := array(select f from figures_of(sirens, years, qpvs) f);
  with gone as (
    delete from counted_figure f using unnest(sirens, years, qpvs) as k (landlord_siren, year, qpv_code)
    where (f.landlord_siren, f.year, f.qpv_code) = (k.landlord_siren, k.year, k.qpv_code)
      and f not in (select s from unnest(should) s)
    returning f as figure)
  select array_agg(figure) into was from gone;
  with come as (
    insert into counted_figure as f
    select s.* from unnest(should) s
    where not exists (
      select from counted_figure f where (f.year, f.qpv_code, f.landlord_siren, f.basis) = (s.year, s.qpv_code, s.landlord_siren, s.basis))
    returning f as figure)
  select array_agg(figure) into become from come;
  if was is not null or become is not null then
    perform keep_sums(was, become);
  end if;
end
$$;

-- After judge_change_set, whose lock of the landlord makes writers of one key follow one another: each sees what the one before wrote.
-- Before number_change_set, whose lock is everybody's. A draft that was saved as a draft counts nowhere, if it never
-- was validated and did not count before.
create or replace function keep_figures_of_change_set() returns trigger language plpgsql as $$
declare
  sirens text[]; years smallint[]; qpvs text[];
begin
  select array_agg(split_part(object_key, '/', 1)), array_agg(split_part(object_key, '/', 2)::smallint), array_agg(split_part(object_key, '/', 3))
  into sirens, years, qpvs
  from (
    select distinct object_key from change
    where change_set_id = new.id and object_type in ('declaration', 'holding') and (event <> 'declaration.saved' or exists (
      select from declaration d left join counted_figure f using (landlord_siren, year, qpv_code)
      where landlord_siren = split_part(object_key, '/', 1) and year = split_part(object_key, '/', 2)::smallint and qpv_code = split_part(object_key, '/', 3)
        and (d.validated_version is not null or f.declaration_id is not null)))) keys;
  if sirens is not null then
    perform keep_figures(sirens, years, qpvs);
  end if;
  return null;
end
$$;

drop trigger if exists keep_figures on change_set;
create constraint trigger keep_figures after insert on change_set
  deferrable initially deferred for each row execute function keep_figures_of_change_set();
