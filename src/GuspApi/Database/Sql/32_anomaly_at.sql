-- The anomalies that stood at a revision. Rows are opened and closed by writes: identifiers of change sets are not in commit order, their
-- revisions are.
create or replace function anomaly_at(as_of bigint) returns setof anomaly language sql stable parallel safe as $$
  select a.*
  from anomaly a
  join change_set since on since.id = a.since_change_set_id
  left join change_set until on until.id = a.until_change_set_id
  where since.revision <= as_of and (a.until_change_set_id is null or until.revision > as_of)
$$;
