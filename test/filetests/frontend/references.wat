;; References: null is 0, a function reference the address of a record in the VMContext.
(module
  (type $t (func))
  (func $f (type $t))
  (export "f" (func $f))
  (func (result funcref) (ref.func $f))
  (func (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (param funcref) (if (ref.is_null (local.get 0)) (then (unreachable))))
  (func (param (ref null $t)) (result (ref $t)) (ref.as_non_null (local.get 0)))
  (func (param (ref null $t)) (result i32)
    (block $null (drop (br_on_null $null (local.get 0))) (return (i32.const 1)))
    (i32.const 0))
  (func (param (ref null $t)) (result (ref $t))
    (block $there (result (ref $t)) (br_on_non_null $there (local.get 0)) (unreachable)))
  (func (param externref i32) (result externref)
    (select (result externref) (local.get 0) (ref.null extern) (local.get 1)))
)

;; ==>
;; function u0:0(i64 vmctx) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0045       return
;; }
;;
;; function u0:1(i64 vmctx) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0048       v2 = iconst.i64 32
;; @0048       v3 = iadd v0, v2
;; @004a       return v3
;; }
;;
;; function u0:2(i64 vmctx, i64) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @004f       v3 = iconst.i64 0
;; @004f       v4 = icmp eq v1, v3
;; @004f       v5 = uextend.i32 v4
;; @0050       return v5
;; }
;;
;; function u0:3(i64 vmctx, i64) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @0055       v2 = iconst.i64 0
;; @0055       v3 = icmp eq v1, v2
;; @0056       brif v3, block2, block3
;;
;;         block2:
;; @0058       trap user1
;;
;;         block3:
;; @005a       return
;; }
;;
;; function u0:4(i64 vmctx, i64) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @005f       trapz v1, user6
;; @0060       return v1
;; }
;;
;; function u0:5(i64 vmctx, i64) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @0067       brif v1, block3, block2
;;
;;         block3:
;; @006a       v3 = iconst.i32 1
;; @006c       return v3
;;
;;         block2:
;; @006e       v4 = iconst.i32 0
;; @0070       return v4
;; }
;;
;; function u0:6(i64 vmctx, i64) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @0078       brif v1, block2(v1), block3
;;
;;         block3:
;; @007a       trap user1
;;
;;         block2(v3: i64):
;; @007c       return v3
;; }
;;
;; function u0:7(i64 vmctx, i64, i32) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64, v2: i32):
;; @0081       v4 = iconst.i64 0
;; @0085       v5 = select v2, v1, v4
;; @0088       return v5
;; }
