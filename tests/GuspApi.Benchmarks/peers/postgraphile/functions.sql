-- What PostGraphile cannot make of the tables by itself, the way it is meant to be given: functions, in a schema beside the API's.
create schema peer;

create function peer.declarations_of(department text, of_year int) returns setof declaration language sql stable as $$
  select d.* from declaration d join qpv q on q.code = d.qpv_code
  where q.department_code = department and d.year = of_year and d.validated_version is not null and d.status <> 'DELETED'
  order by d.landlord_siren, d.year, d.qpv_code
$$;

create type peer.totals as (
  lines int, planned numeric, actual numeric, valued numeric, landlord_funding numeric, other_funding numeric);

create function peer.declaration_totals(d declaration) returns peer.totals language sql stable as $$
  select count(*)::int, sum(planned), sum(actual), sum(valued), sum(landlord_funding), sum(other_funding)
  from expense_line e where e.declaration_id = d.id and e.version = d.validated_lines_version
$$;

-- Its plan is kept by the connection, as that of a prepared statement is.
create function peer.indicators() returns json language plpgsql stable as $$
begin
  return (select json_agg(figures) from (/* indicators */) figures);
end
$$;
