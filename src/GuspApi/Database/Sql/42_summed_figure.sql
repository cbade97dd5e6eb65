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

  -- grain: QPV, LANDLORD (in a département) or DEPARTMENT; landlord_siren is empty but for a landlord. QPVs and landlords are counted from the
  -- key alone, without reading what they spent. A first validation writes an entry of it anew; later ones none.
  execute format($text$
    create table summed_figure (
      grain text, year smallint, place_code text, landlord_siren text, %s,
      constraint pk_summed_figure primary key (grain, year, place_code, landlord_siren) include (declarations)) with (fillfactor = 70)
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
    begin
      insert into summed_figure as s
      select * from figures_summed(was, become) order by grain desc, year, place_code, landlord_siren
      on conflict (grain, year, place_code, landlord_siren) do update set %s;
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

create or replace function rebuild_sums() returns void language plpgsql as $$
begin
  -- Writers wait: what they would keep meanwhile is made here.
  lock table counted_figure in exclusive mode;
  delete from summed_figure;
  insert into summed_figure select * from figures_summed() order by grain, year, place_code, landlord_siren;
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
