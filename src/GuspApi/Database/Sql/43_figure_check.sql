-- For the operator: the keys whose figures are not what the lines give, or whose sums or years are not what the figures give (landlord or
-- none; year, the first of the wrong ones; QPV or département), and all made anew.
drop function if exists wrong_figures();
create function wrong_figures() returns table (landlord_siren text, year smallint, place_code text) language sql stable as $$
  with key as (
    select landlord_siren, year, qpv_code from holding
    union select landlord_siren, year, qpv_code from declaration
    union select landlord_siren, year, qpv_code from counted_figure),
  should as (
    select f.* from (select array_agg(landlord_siren) as sirens, array_agg(year) as years, array_agg(qpv_code) as qpvs from key) k,
      figures_of(k.sirens, k.years, k.qpvs) f),
  sum_should as (select * from figures_summed()),
  years_kept as (select * from figure_years where known <> B'0'::bit(86)),
  years_should as (select * from years_of_figures())
  select landlord_siren, year, qpv_code
  from ((table should except table counted_figure) union all (table counted_figure except table should)) differing
  union
  select landlord_siren, year, place_code
  from ((table sum_should except table summed_figure) union all (table summed_figure except table sum_should)) differing
  union
  select landlord_siren,
         (2014 + position(B'1' in coalesce((w.declared # s.declared) | (w.known # s.known), w.known, s.known)))::smallint, place_code
  from years_kept w full join years_should s using (grain, place_code, landlord_siren)
  where (w.declared, w.known) is distinct from (s.declared, s.known)
  order by landlord_siren, year, qpv_code
$$;

create or replace function rebuild_figures() returns bigint language plpgsql as $$
declare
  made bigint;
begin
  -- Writers wait: what they would keep meanwhile is made here.
  lock table counted_figure in exclusive mode;
  delete from counted_figure;
  insert into counted_figure
  select f.*
  from (
    select array_agg(landlord_siren) as sirens, array_agg(year) as years, array_agg(qpv_code) as qpvs
    from (select landlord_siren, year, qpv_code from holding union select landlord_siren, year, qpv_code from declaration) keys) k,
    figures_of(k.sirens, k.years, k.qpvs) f;
  get diagnostics made = row_count;
  perform rebuild_sums();
  return made;
end
$$;

select rebuild_figures();
