-- Under which code the figures of each QPV add up over both lists. QPVs of 2015 that all go to one of 2024, each whole, take its code.
-- Where one of them is split between several of 2024, all of these and whatever else goes to them keep their own codes: not comparable.
create or replace view qpv_in_lineage as
  with link as (
    select predecessor_code, successor_code, count(*) over (partition by predecessor_code) > 1 as is_split from qpv_lineage
  ),
  fate as (
    select predecessor_code, successor_code, bool_or(is_split) over (partition by successor_code) as not_comparable from link
  ),
  member as (
    select predecessor_code as code, min(successor_code) as successor_code, bool_or(not_comparable) as not_comparable from fate group by 1
    union all
    select successor_code, successor_code, bool_or(not_comparable) from fate group by 1
  )
  select q.code, case when m.not_comparable then q.code else coalesce(m.successor_code, q.code) end as lineage_code,
         coalesce(m.not_comparable, false) as not_comparable
  from qpv q left join member m using (code);
