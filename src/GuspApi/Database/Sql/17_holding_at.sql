-- The holdings as they stood at a revision: rows of the table holding, from the contents recorded up to then. Every object ever written
-- has a first version, also one that was deleted and made again.
create or replace function holding_at(as_of bigint) returns setof holding language sql stable parallel safe as $$
  select h.*
  from change first
  cross join lateral (
    select c.content
    from change c join change_set s on s.id = c.change_set_id
    where c.object_type = 'holding' and c.object_key = first.object_key and s.revision <= as_of
    order by c.version desc limit 1) last
  cross join lateral jsonb_populate_record(null::holding, last.content) h
  where first.object_type = 'holding' and first.version = 1 and last.content is not null
$$;
