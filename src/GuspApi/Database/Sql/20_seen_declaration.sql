-- The one place that decides which declarations a caller sees, and at which version: lists, exports, indicators and steps read these
-- relations, never the tables. Each is one plain SELECT, so the planner inlines it like a view. Each is made twice from one text: as things
-- stand, and (…_at) as they stood at a revision, with today's rights.
do $do$
declare
  relation text; suffix text; parameter text;
begin
  for relation, suffix, parameter in values ('declaration', '', ''), ('declaration_at(as_of)', '_at', 'as_of bigint') loop

    -- What is published: for everybody, whoever asks.
    execute format($text$
      create or replace function published_declaration%2$s(%3$s)
      returns table (id bigint, landlord_siren text, year smallint, qpv_code text, version int, lines_version int)
      language sql stable parallel safe as $$
        select id, landlord_siren, year, qpv_code, validated_version, validated_lines_version
        from %1$s
        where validated_version is not null and status <> 'DELETED'
      $$ $text$, relation, suffix, parameter);

    -- The current version for admin, for its landlord and, once submitted, for the reviewers of its département; the last validated one
    -- for all others; none where there is none. is_current tells that what is seen is the declaration as it stands now, by right.
    execute format($text$
      create or replace function seen_declaration%2$s(sees_everything boolean, sees_landlords text[], sees_departments text[]%3$s)
      returns table (
        id bigint, landlord_siren text, year smallint, qpv_code text, department_code text, ever_submitted boolean,
        validated_version int, validated_lines_version int,
        is_current boolean, version int, status text, action text, comment text, lines_version int, change_set_id bigint)
      language sql stable parallel safe as $$
        select d.id, d.landlord_siren, d.year, d.qpv_code, q.department_code, d.ever_submitted, d.validated_version, d.validated_lines_version,
               sight.is_current, v.version, v.status, v.action, v.comment, v.lines_version, v.change_set_id
        from %1$s d
        join qpv q on q.code = d.qpv_code
        cross join lateral (
          select sees_everything or d.landlord_siren = any (sees_landlords)
                 or q.department_code = any (sees_departments) and d.status <> 'DRAFT' as is_current) sight
        -- There is always that version; only an outer join is left out by the planner where nothing of it is asked, as in a count.
        left join declaration_version v
          on v.declaration_id = d.id and v.version = case when sight.is_current then d.version else d.validated_version end
        where d.status <> 'DELETED' and (sight.is_current or d.validated_version is not null)
      $$ $text$, relation, suffix, case when parameter <> '' then ', ' || parameter else '' end);
  end loop;
end
$do$;

-- Every version of what is seen: all for admin and its landlord, those once submitted for its reviewers, the validated ones for all others.
create or replace function seen_declaration_version(sees_everything boolean, sees_landlords text[], sees_departments text[])
returns table (
  id bigint, landlord_siren text, year smallint, qpv_code text, department_code text, ever_submitted boolean,
  validated_version int, validated_lines_version int,
  is_current boolean, version int, status text, action text, comment text, lines_version int, change_set_id bigint)
language sql stable parallel safe as $$
  select d.id, d.landlord_siren, d.year, d.qpv_code, d.department_code, d.ever_submitted, d.validated_version, d.validated_lines_version,
         d.is_current and v.version = d.version, v.version, v.status, v.action, v.comment, v.lines_version, v.change_set_id
  from seen_declaration(sees_everything, sees_landlords, sees_departments) d
  join declaration_version v on v.declaration_id = d.id
  where sees_everything or d.landlord_siren = any (sees_landlords) or v.status = 'VALIDATED'
     or d.department_code = any (sees_departments) and v.status not in ('DRAFT', 'DELETED')
$$;
