-- The declarations as they stood at a revision: the header, from the versions accepted up to then. Versions are walked back one by one, each
-- with its own revision: a join would let PostgreSQL begin at the change sets, of which one may have written every declaration there is.
create or replace function declaration_at(as_of bigint)
returns table (
  id bigint, landlord_siren text, year smallint, qpv_code text, status text, version int, lines_version int, change_set_id bigint,
  validated_version int, validated_lines_version int, ever_submitted boolean)
language sql stable parallel safe as $$
  select d.id, d.landlord_siren, d.year, d.qpv_code, last.status, last.version, last.lines_version, last.change_set_id,
         validated.version, validated.lines_version, d.ever_submitted
  from declaration d
  cross join lateral (
    select v.status, v.version, v.lines_version, v.change_set_id
    from declaration_version v
    where v.declaration_id = d.id and (select revision from change_set where id = v.change_set_id) <= as_of
    order by v.version desc limit 1) last
  left join lateral (
    select v.version, v.lines_version
    from declaration_version v
    where v.declaration_id = d.id and v.status = 'VALIDATED' and (select revision from change_set where id = v.change_set_id) <= as_of
    order by v.version desc limit 1) validated on true
$$;
