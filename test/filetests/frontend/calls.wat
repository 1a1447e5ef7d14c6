;; Calls: direct, imported, through tables with as few checks as the types allow, through references; tail calls.
(module
  (type $t (func (param i32) (result i32)))
  (import "" "f" (func $imported (type $t)))
  (func $defined (type $t) (local.get 0))
  (table $any 1 funcref)
  (table $typed 1 (ref null $t))
  (table $never_null 1 1 (ref $t) (ref.func $defined))
  (elem declare func $imported $defined)
  (func (param i32) (result i32) (call $defined (call $imported (call $defined (local.get 0)))))
  (func (param i32) (result i32) (call_indirect $any (type $t) (i32.const 7) (local.get 0)))
  (func (param i32) (result i32) (call_indirect $typed (type $t) (i32.const 7) (local.get 0)))
  (func (param i32) (result i32) (call_indirect $never_null (type $t) (i32.const 7) (local.get 0)))
  (func (param i32 (ref null $t)) (result i32) (call_ref $t (local.get 0) (local.get 1)))
  (func (param i32) (result i32) (return_call $defined (local.get 0)))
  (func (param i32) (result i32) (return_call $imported (local.get 0)))
  (func (param i32) (result i32) (return_call_indirect $any (type $t) (i32.const 7) (local.get 0)))
  (func (param i32) (result i32) (return_call_ref $t (local.get 0) (ref.func $imported)))
)

;; ==>
;; function u0:1(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @004f       return v1
;; }
;;
;; function u0:2(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     sig1 = (i64 vmctx, i32) -> i32 tail_or_jump
;;     fn0 = colocated u0:1 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0054       v3 = call fn0(v0, v1)
;; @0056       v4 = load.i64 notrap aligned readonly can_move runtime v0+80
;; @0056       v5 = load.i64 notrap aligned readonly can_move runtime v0+88
;; @0056       v6 = call_indirect sig1, v4(v5, v3)
;; @0058       v7 = call fn0(v0, v6)
;; @005a       return v7
;; }
;;
;; function u0:3(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @005d       v3 = iconst.i32 7
;; @0061       v4 = uextend.i64 v1
;; @0061       v5 = load.i64 notrap aligned runtime v0+40
;; @0061       v6 = icmp uge v4, v5
;; @0061       trapnz v6, user3
;; @0061       v7 = load.i64 notrap aligned runtime v0+32
;; @0061       v8 = iconst.i32 3
;; @0061       v9 = ishl v4, v8
;; @0061       v10 = iadd v7, v9
;; @0061       v11 = load.i64 notrap aligned table v10
;; @0061       trapz v11, user4
;; @0061       v12 = load.i32 notrap aligned readonly runtime v11+16
;; @0061       v13 = load.i64 notrap aligned readonly can_move runtime v0+16
;; @0061       v14 = load.i32 notrap aligned readonly can_move runtime v13
;; @0061       v15 = icmp ne v12, v14
;; @0061       trapnz v15, user5
;; @0061       v16 = load.i64 notrap aligned readonly runtime v11
;; @0061       v17 = load.i64 notrap aligned readonly runtime v11+8
;; @0061       v18 = call_indirect sig0, v16(v17, v3)
;; @0064       return v18
;; }
;;
;; function u0:4(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0067       v3 = iconst.i32 7
;; @006b       v4 = uextend.i64 v1
;; @006b       v5 = load.i64 notrap aligned runtime v0+56
;; @006b       v6 = icmp uge v4, v5
;; @006b       trapnz v6, user3
;; @006b       v7 = load.i64 notrap aligned runtime v0+48
;; @006b       v8 = iconst.i32 3
;; @006b       v9 = ishl v4, v8
;; @006b       v10 = iadd v7, v9
;; @006b       v11 = load.i64 notrap aligned table v10
;; @006b       trapz v11, user4
;; @006b       v12 = load.i64 notrap aligned readonly runtime v11
;; @006b       v13 = load.i64 notrap aligned readonly runtime v11+8
;; @006b       v14 = call_indirect sig0, v12(v13, v3)
;; @006e       return v14
;; }
;;
;; function u0:5(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0071       v3 = iconst.i32 7
;; @0075       v4 = uextend.i64 v1
;; @0075       v5 = iconst.i64 1
;; @0075       v6 = icmp uge v4, v5
;; @0075       trapnz v6, user3
;; @0075       v7 = load.i64 notrap aligned readonly can_move runtime v0+64
;; @0075       v8 = iconst.i32 3
;; @0075       v9 = ishl v4, v8
;; @0075       v10 = iadd v7, v9
;; @0075       v11 = load.i64 notrap aligned table v10
;; @0075       v12 = load.i64 notrap aligned readonly runtime v11
;; @0075       v13 = load.i64 notrap aligned readonly runtime v11+8
;; @0075       v14 = call_indirect sig0, v12(v13, v3)
;; @0078       return v14
;; }
;;
;; function u0:6(i64 vmctx, i32, i64) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: i64):
;; @007f       trapz v2, user7
;; @007f       v4 = load.i64 notrap aligned readonly runtime v2
;; @007f       v5 = load.i64 notrap aligned readonly runtime v2+8
;; @007f       v6 = call_indirect sig0, v4(v5, v1)
;; @0081       return v6
;; }
;;
;; function u0:7(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     fn0 = colocated u0:1 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0086       return_call fn0(v0, v1)
;; }
;;
;; function u0:8(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @008d       v3 = load.i64 notrap aligned readonly can_move runtime v0+80
;; @008d       v4 = load.i64 notrap aligned readonly can_move runtime v0+88
;; @008d       v5 = iconst.i64 -16
;; @008d       v6 = band v3, v5
;; @008d       return_call_indirect sig0, v6(v4, v1)
;; }
;;
;; function u0:9(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0092       v3 = iconst.i32 7
;; @0096       v4 = uextend.i64 v1
;; @0096       v5 = load.i64 notrap aligned runtime v0+40
;; @0096       v6 = icmp uge v4, v5
;; @0096       trapnz v6, user3
;; @0096       v7 = load.i64 notrap aligned runtime v0+32
;; @0096       v8 = iconst.i32 3
;; @0096       v9 = ishl v4, v8
;; @0096       v10 = iadd v7, v9
;; @0096       v11 = load.i64 notrap aligned table v10
;; @0096       trapz v11, user4
;; @0096       v12 = load.i32 notrap aligned readonly runtime v11+16
;; @0096       v13 = load.i64 notrap aligned readonly can_move runtime v0+16
;; @0096       v14 = load.i32 notrap aligned readonly can_move runtime v13
;; @0096       v15 = icmp ne v12, v14
;; @0096       trapnz v15, user5
;; @0096       v16 = load.i64 notrap aligned readonly runtime v11
;; @0096       v17 = load.i64 notrap aligned readonly runtime v11+8
;; @0096       return_call_indirect sig0, v16(v17, v3)
;; }
;;
;; function u0:10(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @009e       v3 = iconst.i64 96
;; @009e       v4 = iadd v0, v3
;; @00a0       trapz v4, user7
;; @00a0       v5 = load.i64 notrap aligned readonly runtime v4
;; @00a0       v6 = load.i64 notrap aligned readonly runtime v4+8
;; @00a0       return_call_indirect sig0, v5(v6, v1)
;; }
