;; Globals: constants fold, defined ones lie in the VMContext, imported ones behind a pointer.
(module
  (import "" "a" (global $imported (mut i32)))
  (import "" "b" (global $imported_const i64))
  (global $folded f64 (f64.const 1.5))
  (global $computed i32 (i32.add (i32.const 1) (i32.const 2)))
  (global $mutable (mut f32) (f32.const 2))
  (global $null funcref (ref.null func))
  (func (result f64) (global.get $folded))
  (func (result i32) (global.get $computed))
  (func (result i64) (global.get $imported_const))
  (func (result funcref) (global.get $null))
  (func (param f32) (result i32)
    (global.set $mutable (f32.add (local.get 0) (global.get $mutable)))
    (global.set $imported (i32.const 1))
    (global.get $imported))
)

;; ==>
;; function u0:0(i64 vmctx) -> f64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0060       v2 = f64const 0x1.8000000000000p0
;; @0062       return v2
;; }
;;
;; function u0:1(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0065       v2 = load.i32 notrap aligned readonly can_move vmctx v0+64
;; @0067       return v2
;; }
;;
;; function u0:2(i64 vmctx) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @006a       v2 = load.i64 notrap aligned readonly can_move runtime v0+40
;; @006a       v3 = load.i64 notrap aligned readonly can_move vmctx v2
;; @006c       return v3
;; }
;;
;; function u0:3(i64 vmctx) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @006f       v2 = iconst.i64 0
;; @0071       return v2
;; }
;;
;; function u0:4(i64 vmctx, f32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: f32):
;; @0076       v3 = load.f32 notrap aligned vmctx v0+80
;; @0078       v4 = fadd v1, v3
;; @0079       store notrap aligned vmctx v4, v0+80
;; @007b       v5 = iconst.i32 1
;; @007d       v6 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @007d       store notrap aligned vmctx v5, v6
;; @007f       v7 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @007f       v8 = load.i32 notrap aligned vmctx v7
;; @0081       return v8
;; }
