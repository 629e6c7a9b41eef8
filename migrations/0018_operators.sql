-- Reserved.

select 1;
