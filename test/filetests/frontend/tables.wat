;; Tables: inline get, set, size; a table of fixed size has its length folded.
(module
  (import "" "t" (table $imported 1 externref))
  (table $fixed 5 5 funcref)
  (table $growing 5 funcref)
  (func (param i32) (result externref) (table.get $imported (local.get 0)))
  (func (param i32 funcref) (table.set $growing (local.get 0) (local.get 1)))
  (func (param i32) (result funcref) (table.get $fixed (local.get 0)))
  (func (result i32) (i32.add (table.size $fixed) (table.size $growing)))
)

;; ==>
;; function u0:0(i64 vmctx, i32) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0040       v3 = uextend.i64 v1
;; @0040       v4 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0040       v5 = load.i64 notrap aligned runtime v4+8
;; @0040       v6 = icmp uge v3, v5
;; @0040       trapnz v6, user2
;; @0040       v7 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0040       v8 = load.i64 notrap aligned runtime v7
;; @0040       v9 = iconst.i32 3
;; @0040       v10 = ishl v3, v9
;; @0040       v11 = iadd v8, v10
;; @0040       v12 = load.i64 notrap aligned table v11
;; @0042       return v12
;; }
;;
;; function u0:1(i64 vmctx, i32, i64) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: i64):
;; @0049       v3 = uextend.i64 v1
;; @0049       v4 = load.i64 notrap aligned runtime v0+64
;; @0049       v5 = icmp uge v3, v4
;; @0049       trapnz v5, user2
;; @0049       v6 = load.i64 notrap aligned runtime v0+56
;; @0049       v7 = iconst.i32 3
;; @0049       v8 = ishl v3, v7
;; @0049       v9 = iadd v6, v8
;; @0049       store notrap aligned table v2, v9
;; @004b       return
;; }
;;
;; function u0:2(i64 vmctx, i32) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0050       v3 = uextend.i64 v1
;; @0050       v4 = iconst.i64 5
;; @0050       v5 = icmp uge v3, v4
;; @0050       trapnz v5, user2
;; @0050       v6 = load.i64 notrap aligned readonly can_move runtime v0+40
;; @0050       v7 = iconst.i32 3
;; @0050       v8 = ishl v3, v7
;; @0050       v9 = iadd v6, v8
;; @0050       v10 = load.i64 notrap aligned table v9
;; @0052       return v10
;; }
;;
;; function u0:3(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0055       v2 = iconst.i64 5
;; @0055       v3 = ireduce.i32 v2
;; @0058       v4 = load.i64 notrap aligned runtime v0+64
;; @0058       v5 = ireduce.i32 v4
;; @005b       v6 = iadd v3, v5
;; @005c       return v6
;; }
