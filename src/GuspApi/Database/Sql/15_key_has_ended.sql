-- Whether who writes is a key that is revoked or has expired, as of this very moment: now() would be that of the transaction's beginning.
create or replace function key_has_ended(actor text) returns boolean language sql volatile as $$
  select exists (
    select from api_key where actor like 'key:%' and id = substr(actor, 5) and (revoked_at is not null or expires_at <= clock_timestamp()))
$$;
