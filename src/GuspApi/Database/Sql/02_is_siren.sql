-- Nine digits whose last is the Luhn check digit (INSEE, SIRENE directory).
create or replace function is_siren(value text) returns boolean language sql immutable strict parallel safe as $$
  select value ~ '^[0-9]{9}$' and (
    select sum(case when place % 2 = 0 and digit * 2 > 9 then digit * 2 - 9 when place % 2 = 0 then digit * 2 else digit end) % 10 = 0
    from (select place, substr(value, place, 1)::int as digit from generate_series(1, 9) as place) as digits)
$$;
