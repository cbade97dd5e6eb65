-- Writers wait, who hold their figures before they wait for the sums of these.
lock table counted_figure in exclusive mode;

-- The years in which there is something of a landlord in a QPV (HOLDING), in a QPV, of a landlord in a département, and in a département.
-- What an answer counts, and which rows a page of many has, is found here once, not in each year. A bit for each year from 2015 to 2100,
-- the first on the left: those with a validated declaration, and those with that or a holding.
drop table if exists figure_years cascade;
create table figure_years (
  grain text, place_code text, landlord_siren text, declared bit(86) not null, known bit(86) not null,
  constraint pk_figure_years primary key (grain, place_code, landlord_siren) include (declared, known));

create or replace function year_bit(year smallint, is_set boolean default true) returns bit(86) language sql immutable as $$
  select set_bit(B'0'::bit(86), year - 2015, is_set::int)
$$;

-- Of the years that were looked at, what there is now; of others nothing is said.
drop type if exists years_seen cascade;
create type years_seen as (grain text, place_code text, landlord_siren text, years bit(86), declared bit(86), known bit(86));

-- What is validated, summed three times: over the landlords of each QPV × year, over the QPVs of each landlord × département × year, and over
-- both of each département × year. Each question is answered from the coarsest that can tell: a fraction of the rows. Kept together with the
-- figures that are summed, which can give it again at any time (43_figure_check, which fills it).
drop table if exists summed_figure cascade;
do $do$
declare
  columns text; sums text; additions text;
begin
  with summed as (
    select 1 as rank, name, format('case when %s then 1 else 0 end', condition) as value
    from (values ('declarations', 'f.declaration_id is not null'), ('expected', 'f.holding_version is not null')) counts (name, condition)
    union all
    select 2, name, 'f.' || name from (values ('dwellings'), ('abatement')) held (name)
    union all
    select 3, name || '_declared', format('case when f.declaration_id is not null then f.%s else 0 end', name)
    from (values ('dwellings'), ('abatement')) held (name)
    union all
    select 3 + attnum, attname, 'f.' || attname from pg_attribute where attrelid = 'counted_figure'::regclass and attname ~ '^(expense|valued)')
  select string_agg(name || ' bigint not null', ', ' order by rank, name), string_agg(format('sum(f.sign * %s)::bigint', value), ', ' order by rank, name),
         string_agg(format('%1$s = s.%1$s + excluded.%1$s', name), ', ' order by rank, name)
  into columns, sums, additions
  from summed;

  -- grain: QPV, LANDLORD (in a département) or DEPARTMENT; landlord_siren is empty but for a landlord. Rows have room to be written anew in
  -- their page.
  execute format($text$
    create table summed_figure (
      grain text, year smallint, place_code text, landlord_siren text, %s,
      constraint pk_summed_figure primary key (grain, year, place_code, landlord_siren)) with (fillfactor = 70)
    $text$, columns);

  -- What the sums are; of the figures that are given, those gone less.
  execute (
    select string_agg(format($text$
      create function %s returns setof summed_figure language sql stable as $$
        select case when grouping(f.qpv_code) = 0 then 'QPV' when grouping(f.landlord_siren) = 0 then 'LANDLORD' else 'DEPARTMENT' end,
               f.year, coalesce(f.qpv_code, q.department_code), coalesce(f.landlord_siren, ''), %s
        from %s f join qpv q on q.code = f.qpv_code
        where f.basis = 'VALIDATED'
        group by grouping sets ((f.year, f.qpv_code), (f.year, q.department_code, f.landlord_siren), (f.year, q.department_code))
      $$
      $text$, name, sums, source), ';')
    from (values
      ('figures_summed()', '(select 1 as sign, * from counted_figure)'),
      ('figures_summed(was counted_figure[], become counted_figure[])',
       '(select -1 as sign, w.* from unnest(was) w union all select 1, b.* from unnest(become) b)')) functions (name, source));

  -- In one order, so that writers wait for each other and never in a circle; the rows of départements, which most wait for, last.
  execute format($text$
    create or replace function keep_sums(was counted_figure[], become counted_figure[]) returns void language plpgsql as $$
    declare
      seen years_seen[];
    begin
      with kept as (
        insert into summed_figure as s
        select * from figures_summed(was, become) order by grain desc, year, place_code, landlord_siren
        on conflict (grain, year, place_code, landlord_siren) do update set %s
        returning s.grain, s.year, s.place_code, s.landlord_siren, s.declarations, s.expected),
      present as (
        select grain, place_code, landlord_siren, year, declarations > 0 as is_declared, declarations > 0 or expected > 0 as is_known
        from kept
        union all
        select 'HOLDING', qpv_code, landlord_siren, year, bool_or(declaration_id is not null and is_become), bool_or(is_become)
        from (select false as is_become, * from unnest(was) union all select true, * from unnest(become)) moved
        where basis = 'VALIDATED'
        group by qpv_code, landlord_siren, year)
      select array_agg(s::years_seen) into seen
      from (
        select grain, place_code, landlord_siren,
               bit_or(year_bit(year)), bit_or(year_bit(year, is_declared)), bit_or(year_bit(year, is_known))
        from present
        group by grain, place_code, landlord_siren) s;
      perform keep_years(seen);

      if was is not null then
        delete from summed_figure s using figures_summed(was, null) gone
        where (s.grain, s.year, s.place_code, s.landlord_siren) = (gone.grain, gone.year, gone.place_code, gone.landlord_siren)
          and s.declarations = 0 and s.expected = 0;
      end if;
    end
    $$
    $text$, additions);
end
$do$;

create or replace function years_of_figures() returns setof figure_years language sql stable as $$
  select case when grouping(f.qpv_code, f.landlord_siren) = 0 then 'HOLDING' when grouping(f.qpv_code) = 0 then 'QPV'
           when grouping(f.landlord_siren) = 0 then 'LANDLORD' else 'DEPARTMENT' end,
         coalesce(f.qpv_code, q.department_code), coalesce(f.landlord_siren, ''),
         bit_or(year_bit(f.year, f.declaration_id is not null)), bit_or(year_bit(f.year))
  from counted_figure f join qpv q on q.code = f.qpv_code
  where f.basis = 'VALIDATED'
  group by grouping sets ((f.qpv_code, f.landlord_siren), (f.qpv_code), (q.department_code, f.landlord_siren), (q.department_code))
$$;

-- What changes an amount changes none; what is validated or held first in a year adds a bit to one row or more. Writers of the same bits
-- follow one another, by the lock of the landlord or the row of the sum; other bits they leave as they find them. Rows are locked in one
-- order, after all sums. A row without years stays: who would add one may be waiting for it.
create or replace function keep_years(seen years_seen[]) returns void language plpgsql as $$
begin
  insert into figure_years
  select grain, place_code, landlord_siren, declared, known
  from unnest(seen) s
  where not exists (
    select from figure_years y where (y.grain, y.place_code, y.landlord_siren) = (s.grain, s.place_code, s.landlord_siren))
  order by grain desc, place_code, landlord_siren
  on conflict do nothing;

  perform from figure_years y join unnest(seen) s using (grain, place_code, landlord_siren)
  where (y.declared & s.years, y.known & s.years) <> (s.declared, s.known)
  order by y.grain desc, y.place_code, y.landlord_siren
  for update of y;
  if found then
    update figure_years y
    set declared = (y.declared & ~ s.years) | s.declared, known = (y.known & ~ s.years) | s.known
    from unnest(seen) s
    where (y.grain, y.place_code, y.landlord_siren) = (s.grain, s.place_code, s.landlord_siren)
      and (y.declared & s.years, y.known & s.years) <> (s.declared, s.known);
  end if;
end
$$;

create or replace function rebuild_sums() returns void language plpgsql as $$
begin
  -- Writers wait: what they would keep meanwhile is made here.
  lock table counted_figure in exclusive mode;
  delete from summed_figure;
  insert into summed_figure select * from figures_summed() order by grain, year, place_code, landlord_siren;
  delete from figure_years;
  insert into figure_years select * from years_of_figures() order by grain, place_code, landlord_siren;
end
$$;

-- A QPV that was given a wrong département is rare.
create or replace function keep_sums_of_departments() returns trigger language plpgsql as $$
begin
  if exists (select from was join become using (code) where was.department_code <> become.department_code) then
    perform rebuild_sums();
  end if;
  return null;
end
$$;

create or replace trigger keep_sums_of_departments after update on qpv
  referencing old table as was new table as become for each statement execute function keep_sums_of_departments();
