-- Tokens are hashed together with their tenant from this version on. The hashes of earlier sessions match no token any more; they
-- are not deleted here, as the version that still runs serves those who hold them.

select 1;
