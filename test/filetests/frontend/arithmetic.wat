;; Constants and arithmetic, one of each kind of row.
(module
  (func $ints (param i32 i64) (result i64)
    (i64.add
      (i64.extend_i32_s (i32.div_s (local.get 0) (i32.const -3)))
      (i64.rotl (i64.shr_u (local.get 1) (i64.const 0x123456789abc)) (i64.clz (local.get 1)))))
  (func $floats (param f32 f64) (result f64)
    (f64.min
      (f64.promote_f32 (f32.copysign (f32.nearest (local.get 0)) (f32.const nan:0x200001)))
      (f64.mul (f64.neg (local.get 1)) (f64.const 0x1.8p1))))
  (func $conversions (param f32 f64) (result i32)
    (i32.xor
      (i32.xor (i32.trunc_f32_u (local.get 0)) (i32.trunc_sat_f64_s (local.get 1)))
      (i32.xor (i32.extend8_s (i32.reinterpret_f32 (local.get 0))) (i32.wrap_i64 (i64.trunc_f64_s (local.get 1))))))
)

;; ==>
;; function u0:0(i64 vmctx, i32, i64) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: i64):
;; @002a       v4 = iconst.i32 -3
;; @002c       v5 = sdiv v1, v4
;; @002d       v6 = sextend.i64 v5
;; @0030       v7 = iconst.i64 0x1234_5678_9abc
;; @0038       v8 = ushr v2, v7
;; @003b       v9 = clz v2
;; @003c       v10 = rotl v8, v9
;; @003d       v11 = iadd v6, v10
;; @003e       return v11
;; }
;;
;; function u0:1(i64 vmctx, f32, f64) -> f64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: f32, v2: f64):
;; @0043       v4 = nearest v1
;; @0044       v5 = f32const +sNaN:0x200001
;; @0049       v6 = fcopysign v4, v5
;; @004a       v7 = fpromote.f64 v6
;; @004d       v8 = fneg v2
;; @004e       v9 = f64const 0x1.8000000000000p1
;; @0057       v10 = fmul v8, v9
;; @0058       v11 = fmin v7, v10
;; @0059       return v11
;; }
;;
;; function u0:2(i64 vmctx, f32, f64) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: f32, v2: f64):
;; @005e       v4 = fcvt_to_uint.i32 v1
;; @0061       v5 = fcvt_to_sint_sat.i32 v2
;; @0063       v6 = bxor v4, v5
;; @0066       v7 = bitcast.i32 v1
;; @0067       v8 = ireduce.i8 v7
;; @0067       v9 = sextend.i32 v8
;; @006a       v10 = fcvt_to_sint.i64 v2
;; @006b       v11 = ireduce.i32 v10
;; @006c       v12 = bxor v9, v11
;; @006d       v13 = bxor v6, v12
;; @006e       return v13
;; }
