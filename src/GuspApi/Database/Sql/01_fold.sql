-- Lower case without accents or ligatures: how names are searched.
create or replace function fold(value text) returns text language sql immutable strict parallel safe as $$
  select replace(replace(regexp_replace(normalize(lower(value), NFD), '[\u0300-\u036f]', '', 'g'), 'œ', 'oe'), 'æ', 'ae')
$$;
