-- The holdings as they stood at a revision: rows of the table holding, from the contents recorded up to then. Every object ever written
-- has a first version, also one that was deleted and made again. Versions are walked back as in 16_declaration_at.sql. Keys are told by the
-- object's, so that what narrows a question does so before any content is read.
create or replace function holding_at(as_of bigint) returns setof holding language sql stable parallel safe as $$
  select k.landlord_siren, k.year, k.qpv_code, h.dwellings, h.abated_dwellings, h.abatement, h.abatement_method, h.version
  from (
    select object_key, split_part(object_key, '/', 1) as landlord_siren, nullif(split_part(object_key, '/', 2), '')::smallint as year,
           split_part(object_key, '/', 3) as qpv_code
    from change
    where object_type = 'holding' and version = 1) k
  cross join lateral (
    select c.content
    from change c
    where c.object_type = 'holding' and c.object_key = k.object_key and (select revision from change_set where id = c.change_set_id) <= as_of
    order by c.version desc limit 1) last
  cross join lateral jsonb_populate_record(null::holding, last.content) h
  where last.content is not null
$$;
