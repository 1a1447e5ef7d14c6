;; Bulk operations call builtins.
(module
  (import "" "m" (memory $imported 1))
  (memory $m 1)
  (data $d "abc")
  (table $t 2 funcref)
  (table $u 2 10 externref)
  (elem $e funcref (ref.null func))
  (func (param i32 i32 i32)
    (memory.copy $m $imported (local.get 0) (local.get 1) (local.get 2))
    (memory.fill $m (local.get 0) (local.get 1) (local.get 2))
    (memory.init $m $d (local.get 0) (local.get 1) (local.get 2))
    (data.drop $d))
  (func (param i32 i32 i32 externref) (result i32)
    (table.copy $t $t (local.get 0) (local.get 1) (local.get 2))
    (table.fill $u (local.get 0) (local.get 3) (local.get 2))
    (table.init $t $e (local.get 0) (local.get 1) (local.get 2))
    (elem.drop $e)
    (table.grow $u (local.get 3) (local.get 0)))
)

;; ==>
;; function u0:0(i64 vmctx, i32, i32, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i64, i64, i64, i64, i64) tail
;;     sig1 = (i64 vmctx, i64, i64, i32, i64) tail
;;     sig2 = (i64 vmctx, i32, i32, i64, i32, i32) tail
;;     sig3 = (i64 vmctx, i32) tail
;;     fn0 = colocated u3:0 sig0
;;     fn1 = colocated u3:1 sig1
;;     fn2 = colocated u3:3 sig2
;;     fn3 = colocated u3:4 sig3
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: i32, v3: i32):
;; @004d       v4 = iconst.i64 32
;; @004d       v5 = iadd v0, v4
;; @004d       v6 = load.i64 notrap aligned readonly can_move runtime v0+48
;; @004d       v7 = uextend.i64 v3
;; @004d       v8 = uextend.i64 v2
;; @004d       v9 = uextend.i64 v1
;; @004d       call fn0(v0, v5, v6, v9, v8, v7)
;; @0057       v10 = iconst.i64 32
;; @0057       v11 = iadd v0, v10
;; @0057       v12 = uextend.i64 v3
;; @0057       v13 = uextend.i64 v1
;; @0057       call fn1(v0, v11, v13, v2, v12)
;; @0060       v14 = iconst.i32 0
;; @0060       v15 = iconst.i32 1
;; @0060       v16 = uextend.i64 v1
;; @0060       call fn2(v0, v15, v14, v16, v2, v3)
;; @0064       v17 = iconst.i32 0
;; @0064       call fn3(v0, v17)
;; @0067       return
;; }
;;
;; function u0:1(i64 vmctx, i32, i32, i32, i64) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32, i32, i64, i64, i64) tail
;;     sig1 = (i64 vmctx, i32, i64, i64, i64) tail
;;     sig2 = (i64 vmctx, i32, i32, i64, i32, i32) tail
;;     sig3 = (i64 vmctx, i32) tail
;;     sig4 = (i64 vmctx, i32, i64, i64) -> i64 tail
;;     fn0 = colocated u3:7 sig0
;;     fn1 = colocated u3:6 sig1
;;     fn2 = colocated u3:8 sig2
;;     fn3 = colocated u3:9 sig3
;;     fn4 = colocated u3:5 sig4
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: i32, v3: i32, v4: i64):
;; @0070       v6 = iconst.i32 0
;; @0070       v7 = iconst.i32 0
;; @0070       v8 = uextend.i64 v3
;; @0070       v9 = uextend.i64 v2
;; @0070       v10 = uextend.i64 v1
;; @0070       call fn0(v0, v6, v7, v10, v9, v8)
;; @007a       v11 = iconst.i32 1
;; @007a       v12 = uextend.i64 v3
;; @007a       v13 = uextend.i64 v1
;; @007a       call fn1(v0, v11, v13, v4, v12)
;; @0083       v14 = iconst.i32 0
;; @0083       v15 = iconst.i32 0
;; @0083       v16 = uextend.i64 v1
;; @0083       call fn2(v0, v15, v14, v16, v2, v3)
;; @0087       v17 = iconst.i32 0
;; @0087       call fn3(v0, v17)
;; @008e       v18 = iconst.i32 1
;; @008e       v19 = uextend.i64 v1
;; @008e       v20 = call fn4(v0, v18, v4, v19)
;; @008e       v21 = ireduce.i32 v20
;; @0091       return v21
;; }
